import { pause } from '../../kernel/clock.ts'
import { ChaperoneError, type FailureCode, failure } from '../../kernel/failure.ts'
import type { ConversationStore } from '../../store/conversation-store.ts'
import type { SimulatedClock } from '../simulated-clock.ts'
import { type Life, never } from './life.ts'
import type { Weather } from './weather.ts'

/** What lies between one process and the store. */
export interface Network {
  readonly clock: SimulatedClock
  readonly life: Life
  readonly weather: Weather
  /** Until then nothing reaches the store. */
  readonly outage: { untilMs: number }
  /** The process dies on the spot. */
  readonly crash: () => void
}

/** How long a process waits for an answer of the store. */
const TIMEOUT_MS = 1_000

/**
 * The store as one process reaches it: requests and answers take time and may be lost, copies may
 * come late, and the process may die before or after each call.
 */
export function networked(store: ConversationStore, network: Network): ConversationStore {
  return new Proxy(store, {
    get: (target, property) => {
      const value: unknown = Reflect.get(target, property)
      if (typeof value !== 'function') return value
      return async (...args: readonly unknown[]) => {
        const made = async (): Promise<unknown> => Reflect.apply(value, target, args) as unknown
        return property === 'close' ? undefined : crossed(network, made)
      }
    }
  })
}

async function crossed(network: Network, made: () => Promise<unknown>): Promise<unknown> {
  const { clock, life, weather } = network
  if (!life.isAlive) return never()
  if (weather.strikes('crash')) {
    network.crash()
    return never()
  }
  if (weather.strikes('refused')) throw await failing(network, 'CHP_STORE_REFUSED', 1)
  if (clock.nowMs() < network.outage.untilMs) throw await timedOut(network)
  if (weather.strikes('requestLost')) throw await timedOut(network)
  await pause(clock, latencyMs(weather))
  if (weather.strikes('lateCopy')) {
    const delayMs = weather.between('copy', 1_000, 20_000)
    clock.after(delayMs, () => {
      // In the calm nothing old comes any more: a copy of a claim would cost one lease more.
      if (!weather.isCalm) void made()
    })
    throw await timedOut(network)
  }
  const result = await made()
  if (life.isAlive && weather.strikes('crash')) network.crash()
  if (weather.strikes('replyLost')) throw await timedOut(network)
  await pause(clock, latencyMs(weather))
  await life.awake()
  return result
}

function latencyMs(weather: Weather): number {
  if (weather.strikes('slowStore')) return weather.between('slow', 20, 3_000)
  return weather.between('latency', 0, 4)
}

function timedOut(network: Network): Promise<ChaperoneError> {
  return failing(network, 'CHP_STORE_UNAVAILABLE', TIMEOUT_MS)
}

async function failing(
  { clock, life }: Network,
  code: FailureCode,
  afterMs: number
): Promise<ChaperoneError> {
  await pause(clock, afterMs)
  await life.awake()
  return new ChaperoneError(failure(code, 'As drawn.'))
}
