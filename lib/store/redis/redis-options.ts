import type { RedisOptions } from 'ioredis'
import { fullJitterMs, type Random } from '../../kernel/random.ts'
import type { Target } from './place.ts'

// Short to the end: messages are to be taken within a second of the return of a server, and after a
// failover the new master is found at the next look only.
const BACKOFF = { initialMs: 50, maxMs: 400, factor: 2 } as const

/** What the options depend on. */
export interface RedisOptionsParts {
  readonly target: Target
  readonly commandTimeoutMs: number
  readonly random: Random
}

/**
 * The options of a client: those under which every call settles and none is sent twice.
 *
 * The defaults of the library send commands again by themselves, or never settle.
 */
export function redisOptions(
  { target, commandTimeoutMs, random }: RedisOptionsParts,
  isLeft: (error: Error) => boolean
): RedisOptions & { replyMapping: 'legacy' } {
  const { sentinels, ...options } = target.options
  const pauseMs = (times: number): number => reconnectPause(random, times)
  return {
    ...options,
    lazyConnect: true,
    protocol: 2,
    replyMapping: 'legacy',
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    enableAutoPipelining: false,
    enableReadyCheck: true,
    commandTimeout: commandTimeoutMs,
    // A peer that says nothing at all is gone, though its connection stands.
    socketTimeout: 3 * commandTimeoutMs,
    connectTimeout: 2000,
    keepAlive: 5000,
    connectionName: 'chaperone',
    retryStrategy: pauseMs,
    ...(sentinels === undefined
      ? {}
      : { sentinels, ...sentinelOptions(commandTimeoutMs, pauseMs) }),
    // 1, not 2: the call itself is not sent again.
    reconnectOnError: error => (isLeft(error) ? 1 : false)
  }
}

// To give up once is to end the client for good, so the strategies always give a pause.
function sentinelOptions(
  commandTimeoutMs: number,
  pauseMs: (times: number) => number
): Omit<RedisOptions, 'replyMapping'> {
  return {
    updateSentinels: true,
    sentinelCommandTimeout: commandTimeoutMs,
    sentinelRetryStrategy: pauseMs,
    // A master that stands still never answers the end of its connection.
    disconnectTimeout: 100
  }
}

/** How long to wait before the n-th attempt to connect again, in ms. */
export function reconnectPause(random: Random, times: number): number {
  return 1 + fullJitterMs(random, BACKOFF, Math.min(times, 10))
}
