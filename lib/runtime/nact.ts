import nact from 'nact'

declare const message: unique symbol

/** An actor that takes messages of type `Msg`; the only form in which nact is seen outside. */
export interface Actor<in Msg> {
  readonly [message]?: (taken: Msg) => void
  readonly ref: unknown
}

/** A node that only has children; it judges faults that reach it, and takes no messages. */
export interface Supervisor {
  readonly ref: unknown
}

type NactRef = Parameters<typeof nact.dispatch>[0]
type NactParent = Parameters<typeof nact.spawn>[0]

let systems = 0

/**
 * Starts an actor system. nact finds systems by name in one table of the process, and a second one
 * of a name would take over the actors of the first: so every system gets a name of its own.
 */
export function startSystem(name: string): Supervisor {
  systems += 1
  const own = { name: `${name}-${systems}` }
  return { ref: nact.start(own as unknown as Parameters<typeof nact.start>[0]) }
}

/**
 * Spawns a supervisor. It answers `stopChild` to every fault that reaches it: resume and escalate
 * leave the child busy for ever, reset stops all siblings (nact 7.6.2, actor.js:179-206).
 */
export function spawnSupervisor(parent: Supervisor, name: string): Supervisor {
  const ref = nact.spawn(parent.ref as NactParent, (state: unknown) => state ?? name, name, {
    onCrash: (_message: unknown, _error: unknown, context: { stopChild: unknown }) =>
      context.stopChild
  } as never)
  return { ref }
}

/**
 * Spawns a leaf. `take` must keep its own state; `crashed` is awaited while the actor stays busy,
 * so that order is kept, and then the actor is reset.
 *
 * A `crashed` that throws would end the process (nact 7.6.2, actor.js:158); here it goes to
 * `unforeseen`, which must not throw, and the actor is reset all the same.
 */
export function spawnActor<Msg>(
  parent: Supervisor,
  name: string,
  take: (taken: Msg) => Promise<void>,
  crashed: (error: unknown) => Promise<void>,
  unforeseen: (error: unknown) => void
): Actor<Msg> {
  const handle = async (_state: unknown, taken: Msg): Promise<true> => {
    await take(taken)
    return true
  }
  const ref = nact.spawn(parent.ref as NactParent, handle as never, name, {
    onCrash: async (_message: unknown, error: unknown, context: { reset: unknown }) => {
      try {
        await crashed(error)
      } catch (failed) {
        unforeseen(failed)
      }
      return context.reset
    }
  } as never)
  return { ref }
}

/** Hands a message to an actor; a stopped actor drops it silently (nact 7.6.2, functions.js:22). */
export function tell<Msg>(actor: Actor<Msg>, taken: Msg): void {
  nact.dispatch(actor.ref as NactRef, taken as never)
}

/** Stops one actor or supervisor; children are not stopped with it, so stop leaves first. */
export function stop(node: Actor<never> | Supervisor): void {
  nact.stop(node.ref as Parameters<typeof nact.stop>[0])
}
