import { type Clock, pause } from '../kernel/clock.ts'
import { ChaperoneError, type FailureCode, failure } from '../kernel/failure.ts'
import type { ConversationStore } from '../store/conversation-store.ts'

/** A call of the port that can be made to go wrong. */
export type StoreCall = Exclude<keyof ConversationStore, 'name' | 'partOf' | 'rowWriter'>

/**
 * How a call goes wrong: not made at all, made although its answer is lost, made late, or kept
 * waiting until it is let go.
 */
export type StoreFault =
  | { readonly fail: 'before' | 'after'; readonly code?: FailureCode }
  | { readonly delayMs: number }
  | { readonly hold: Promise<void> }

/** A store that fails on demand; without a fault it is the store it wraps. */
export interface FaultyStore extends ConversationStore {
  /** Every call made so far, in order, whether it reached the store or not. */
  readonly calls: readonly { readonly call: StoreCall; readonly id: string | null }[]
  /**
   * Lets calls of this kind go wrong: the `nth` from now on (1 is the next), `times` in a row.
   *
   * Default: the next one, once. A failed call rejects with `code`, default CHP_STORE_UNAVAILABLE.
   */
  plan(call: StoreCall, fault: StoreFault, when?: { nth?: number; times?: number }): void
  /** Keeps the next call of this kind waiting, before it reaches the store. */
  hold(call: StoreCall): Hold
  /** Forgets every planned fault; calls that are held stay held. */
  heal(): void
}

/** One call that is kept waiting. */
export interface Hold {
  /** Resolves when the call has come. */
  readonly arrived: Promise<void>
  /** Lets it go on to the store. */
  readonly release: () => void
}

interface Planned {
  readonly call: StoreCall
  readonly fault: StoreFault
  /** Calls of this kind to let through first. */
  skip: number
  times: number
  readonly came: () => void
}

/**
 * Wraps a store so that single calls can be made to fail before or after they happened.
 *
 * @example
 * const store = faultyStore(memoryStore({ clock }), { clock })
 * store.plan('commit', { fail: 'after' })
 */
export function faultyStore(
  store: ConversationStore,
  { clock }: { readonly clock: Clock }
): FaultyStore {
  const calls: { call: StoreCall; id: string | null }[] = []
  const plans: Planned[] = []
  const add = (call: StoreCall, fault: StoreFault, skip: number, times: number, came = idle) =>
    void plans.push({ call, fault, skip, times, came })
  const control = {
    calls,
    plan: (call: StoreCall, fault: StoreFault, { nth = 1, times = 1 } = {}) =>
      add(call, fault, nth - 1, times),
    hold: (call: StoreCall): Hold => {
      const gate = aSignal()
      const came = aSignal()
      add(call, { hold: gate.given }, 0, 1, () => came.give())
      return { arrived: came.given, release: () => gate.give() }
    },
    heal: () => void plans.splice(0)
  }
  return new Proxy(store, {
    get: (target, property) => {
      if (Object.hasOwn(control, property)) return Reflect.get(control, property) as unknown
      const value: unknown = Reflect.get(target, property)
      if (typeof value !== 'function' || property === 'partOf') return value
      if (property === 'rowWriter') return value.bind(target) as unknown
      const call = property as StoreCall
      return (...args: readonly unknown[]) => {
        calls.push({ call, id: typeof args[0] === 'string' ? args[0] : null })
        const made = async (): Promise<unknown> => Reflect.apply(value, target, args) as unknown
        return suffered(taken(plans, call), made, clock)
      }
    }
  }) as FaultyStore
}

function taken(plans: Planned[], call: StoreCall): StoreFault | null {
  const mine = plans.filter(plan => plan.call === call)
  const ready = mine.find(({ skip }) => skip === 0)
  for (const plan of mine) plan.skip = Math.max(0, plan.skip - 1)
  if (ready === undefined) return null
  ready.times -= 1
  if (ready.times <= 0) plans.splice(plans.indexOf(ready), 1)
  ready.came()
  return ready.fault
}

async function suffered(
  fault: StoreFault | null,
  made: () => Promise<unknown>,
  clock: Clock
): Promise<unknown> {
  if (fault === null) return made()
  if ('delayMs' in fault) await pause(clock, fault.delayMs)
  if ('hold' in fault) await fault.hold
  if (!('fail' in fault)) return made()
  if (fault.fail === 'after') await made()
  const code = fault.code ?? 'CHP_STORE_UNAVAILABLE'
  throw new ChaperoneError(failure(code, `Planned: fails ${fault.fail} the call.`))
}

function aSignal(): { readonly given: Promise<void>; give(): void } {
  let give: () => void = idle
  const given = new Promise<void>(resolve => {
    give = resolve
  })
  return { given, give }
}

function idle(): void {
  // Nobody waits for this call.
}
