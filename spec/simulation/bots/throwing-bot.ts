import { answeringWith } from './answering-with.ts'

/** Throws where nobody waits for it. */
export default answeringWith(() => {
  process.nextTick(() => {
    throw new TypeError('planned')
  })
})
