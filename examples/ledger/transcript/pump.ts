import type { SimulatedClock } from '../../../lib/testing/simulated-clock.ts'
import type { Traffic } from './traffic.ts'

/** What time is moved for. */
export interface Scene {
  readonly clock: SimulatedClock
  readonly traffic: Traffic
  /** What is still on its way, in words; empty when all has settled. */
  underWay(): Promise<readonly string[]>
  /** When the store must be looked at next, or null for never. */
  storeDueMs(): Promise<number | null>
}

/** Turns of the event loop without a move, after which nothing moves any more by itself. */
const IDLE_TURNS = 25
/** Longest that real IO may take at a time, in ms of real time. */
const IO_MS_MAX = 15_000
/** Longest that one entry may take to settle, in ms of simulated and of real time. */
const SETTLE_MS_MAX = { simulated: 10 * 60_000, real: 20_000 }
/** The same once something hung in the case: what hangs is known then. */
const SETTLE_MS_AFTER_HANG = { simulated: 10_000, real: 2_000 }
/** Spans above this are leapt over where nothing is due, in ms of simulated time. */
const LEAP_FROM_MS = 10_000
/** How long before something due a leap ends, so that all timers around it are true. */
const LEAP_SHORT_MS = 3_000

/** Lets real IO go on until nothing moves by itself; rejects when it does not end. */
export async function quiet({ traffic }: Pick<Scene, 'traffic'>): Promise<void> {
  const startedMs = performance.now()
  for (let idle = 0; idle < IDLE_TURNS; ) {
    const { moves } = traffic
    if (traffic.open > 0) await traffic.next(100)
    else await turn()
    idle = traffic.moves === moves && traffic.open === 0 ? idle + 1 : 0
    if (performance.now() - startedMs > IO_MS_MAX) {
      throw new Error(`real IO did not end within ${IO_MS_MAX / 1_000} s`)
    }
  }
}

/**
 * Goes on until everything has settled, moving time only when nothing else moves.
 *
 * Answers what is still on its way when it would wait for ever.
 */
export async function settle(
  scene: Pick<Scene, 'clock' | 'traffic' | 'underWay'>,
  { hung = false }: { readonly hung?: boolean } = {}
): Promise<readonly string[]> {
  const { clock } = scene
  const { simulated, real } = hung ? SETTLE_MS_AFTER_HANG : SETTLE_MS_MAX
  const untilMs = clock.nowMs() + simulated
  const realUntilMs = performance.now() + real
  for (;;) {
    await quiet(scene)
    const waiting = await scene.underWay()
    if (waiting.length === 0) return waiting
    const dueMs = clock.nextDueMs()
    if (dueMs === null || dueMs > untilMs || performance.now() > realUntilMs) return waiting
    clock.advanceTo(dueMs)
  }
}

/** Moves time to `ms`; what falls due on the way happens. A time that has passed is now. */
export async function moveTo(scene: Scene, ms: number): Promise<void> {
  const { clock } = scene
  for (await quiet(scene); clock.nowMs() < ms; await quiet(scene)) {
    const leapMs = Math.min(ms, await leapEndMs(scene, ms))
    if (leapMs > clock.nowMs()) clock.sleepTo(leapMs)
    else clock.advanceTo(Math.min(ms, clock.nextDueMs() ?? ms))
  }
  clock.advanceTo(ms)
  await quiet(scene)
}

/**
 * How far time may go on in one leap: a long silence would else be thousands of idle sweeps. Now,
 * when something is due soon or on its way.
 */
async function leapEndMs(scene: Scene, ms: number): Promise<number> {
  const nowMs = scene.clock.nowMs()
  if (ms - nowMs < LEAP_FROM_MS || (await scene.underWay()).length > 0) return nowMs
  const dueMs = (await scene.storeDueMs()) ?? ms
  const endMs = Math.min(ms, dueMs) - LEAP_SHORT_MS
  return endMs - nowMs < LEAP_FROM_MS ? nowMs : endMs
}

function turn(): Promise<void> {
  return new Promise(resolve => {
    setImmediate(resolve)
  })
}
