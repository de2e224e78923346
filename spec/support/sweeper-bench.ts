import { simulatedClock } from '../../lib/testing/simulated-clock.ts'
import { Sweeper, type SweeperParts } from '../../lib/timers/sweeper.ts'
import { turns } from './a-world.ts'

/** A sweeper alone, with what a store would hand it, page by page. */
export function sweeperBench(change: Partial<SweeperParts> = {}) {
  const clock = simulatedClock({ startMs: 5_000 })
  const woken: string[] = []
  const learned: number[] = []
  const logged: object[] = []
  const claims: { limit: number; atMs: number }[] = []
  const due: string[][] = []
  const own: string[][] = []
  const failures: unknown[] = []
  const log = (fields: object): void => void logged.push(fields)
  const sweeper = new Sweeper({
    store: {
      time: () => Promise.resolve(clock.nowMs()),
      claimDue: limit => {
        claims.push({ limit, atMs: clock.nowMs() })
        return Promise.resolve(due.shift() ?? [])
      },
      claimOwn: () => Promise.resolve(own.shift() ?? [])
    },
    clock,
    log: { debug: log, info: log, warn: log, error: log },
    instance: 'one',
    everyMs: 1_000,
    leaseMs: 10_000,
    limits: { page: 3, leastPerSecond: 1 },
    learnTime: nowMs => learned.push(nowMs),
    isAway: () => false,
    isTalking: () => false,
    failed: error => failures.push(error),
    wake: id => Promise.resolve(void woken.push(id)),
    ...change
  })
  const pass = async (ms: number): Promise<void> => {
    const endMs = clock.nowMs() + ms
    while (clock.nowMs() < endMs) {
      await turns(2)
      clock.advanceTo(Math.min(endMs, clock.nextDueMs() ?? endMs))
    }
    await turns(2)
  }
  return { clock, sweeper, woken, learned, logged, claims, due, own, failures, pass }
}
