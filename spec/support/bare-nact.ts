import { setImmediate } from 'node:timers/promises'
import nact from 'nact'

/** nact as its own documentation uses it: nothing of ours around it. */
interface Bare {
  start(): unknown
  spawn(
    parent: unknown,
    take: (state: unknown, message: never, context: Context) => unknown,
    name?: string,
    options?: object
  ): unknown
  dispatch(actor: unknown, message: unknown): void
  stop(actor: unknown): void
}

/** What a handler or `onCrash` is given. */
interface Context {
  readonly self: unknown
  readonly mailbox: readonly unknown[]
  readonly reset: unknown
  readonly resume: unknown
  readonly escalate: unknown
}

let systems = 0

export const bare: Bare = {
  start: () => {
    systems += 1
    return nact.start({ name: `bare-${systems}` } as never)
  },
  spawn: (parent, take, name, options) =>
    nact.spawn(parent as never, take as never, name as never, options as never),
  dispatch: (actor, message) => nact.dispatch(actor as never, message as never),
  stop: actor => nact.stop(actor as never)
}

/** Lets everything run that is on its way. */
export async function quiet(): Promise<void> {
  for (let turn = 0; turn < 40; turn += 1) await setImmediate()
}
