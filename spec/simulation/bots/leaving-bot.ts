import { answeringWith } from './answering-with.ts'

/** Ends its process at an answer. */
export default answeringWith(() => process.exit(0))
