import { failureOf } from '../../lib/kernel/failure.ts'

/** `done`, the code of the failure, or what else was thrown. */
export const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'done',
    (error: unknown) => failureOf(error)?.code ?? String(error)
  )
