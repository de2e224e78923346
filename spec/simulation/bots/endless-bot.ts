import { answeringWith } from './answering-with.ts'

/** Never comes back from an answer. */
export default answeringWith(() => {
  while (Date.now() > 0);
})
