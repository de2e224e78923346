import { type CallLimits, Calls } from '../../lib/calls/calls.ts'
import type { CallDefinition, Relogin } from '../../lib/conversation/program.ts'
import type { Core } from '../../lib/conversation/record.ts'
import type { CallSettled } from '../../lib/conversation/turn-event.ts'
import { silentLog } from '../../lib/kernel/log.ts'
import { seededRandom } from '../../lib/kernel/random.ts'
import { type SimulatedClock, simulatedClock } from '../../lib/testing/simulated-clock.ts'
import { aCore } from './a-record.ts'
import { turns } from './a-world.ts'

/** Calls alone, on a clock of their own. */
export interface Bench {
  readonly clock: SimulatedClock
  readonly calls: Calls
  readonly settled: CallSettled[]
  /** Calls that a person must look up: conversation, name, key. */
  readonly unresolved: (readonly string[])[]
  /** What went wrong although nobody had foreseen it. */
  readonly failures: unknown[]
  readonly start: (
    key?: string,
    change?: Partial<{ resumed: boolean; left: boolean; name: string; input: unknown }>
  ) => void
  /** Moves the clock until nothing is open, at most this far. */
  readonly run: (ms?: number) => Promise<void>
}

export const UNAVAILABLE = { tag: 'unavailable', detail: 'planned' } as const
export const UNKNOWN = { tag: 'unknown', detail: 'planned' } as const
export const UNAUTHORISED = { tag: 'unauthorised' } as const
export const OK = { outcome: 'ok', output: { n: 1 } }

/** Drives calls of these definitions and writes down how they settle. */
export function callBench(
  definitions: Readonly<Record<string, CallDefinition>>,
  {
    relogin = null,
    onSettle = () => undefined,
    ...limits
  }: {
    relogin?: Relogin | null
    onSettle?: () => void | Promise<void>
  } & Partial<CallLimits> = {}
): Bench {
  const clock = simulatedClock({ startMs: 0 })
  const settled: CallSettled[] = []
  const unresolved: Bench['unresolved'] = []
  const failures: unknown[] = []
  const calls = new Calls({
    program: { calls: definitions, relogin },
    clock,
    random: seededRandom(1),
    log: silentLog,
    limits: { callsAtOnce: 256, callsWaiting: 10_000, leaseMs: 10_000, ...limits },
    renew: () => undefined,
    resume: () => undefined,
    failed: error => failures.push(error),
    settle: async (_conversation, event) => {
      const taken = onSettle()
      settled.push(event)
      await taken
    },
    unresolved: (...args) => unresolved.push(args)
  })
  return {
    clock,
    calls,
    settled,
    unresolved,
    failures,
    start: (key = 'k', change = {}) => {
      const core: Core = aCore()
      calls.start({
        conversation: 'c',
        key,
        name: 'pay',
        input: { sum: '1' },
        core,
        resumed: false,
        ...change
      })
    },
    run: async (ms = 200_000) => {
      const endMs = clock.nowMs() + ms
      for (;;) {
        await turns(3)
        const next = clock.nextDueMs()
        if (calls.open === 0 || next === null || next > endMs) return
        clock.advanceTo(next)
      }
    }
  }
}
