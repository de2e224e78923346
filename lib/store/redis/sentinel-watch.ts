import { Redis } from 'ioredis'
import type { Log } from '../../kernel/log.ts'
import { quoted } from './classify.ts'
import { heard } from './heard-socket.ts'
import { addressText, type Target } from './place.ts'

const SWITCHED = '+switch-master'

/** What a watch needs. */
export interface SentinelWatchParts {
  readonly target: Target
  readonly connectTimeoutMs: number
  /** How long to wait before a sentinel that went away is tried again, in ms. */
  pauseMs(times: number): number
  readonly log: Log
  /** Told the address of the new master. */
  switched(host: string, port: number): void
}

/**
 * Listens to every sentinel for the announcement of another master.
 *
 * A master that stands still, or serves on though it was replaced, would else be left only when a
 * call fails.
 */
export class SentinelWatch {
  readonly #clients: readonly Redis[]

  constructor(parts: SentinelWatchParts) {
    const { sentinels } = parts.target.options
    this.#clients = (sentinels ?? []).map(({ host, port }) => listener(parts, host!, port!))
  }

  close(): void {
    for (const client of this.#clients) client.disconnect()
  }
}

function listener(parts: SentinelWatchParts, host: string, port: number): Redis {
  const { sentinelUsername, sentinelPassword, sentinelTLS, name } = parts.target.options
  // While another sentinel is there, nobody misses one that is away.
  const away = (error: unknown): void => {
    const why = quoted(error)
    parts.log.debug({ event: 'store.sentinelAway', sentinel: addressText(host, port), why })
  }
  const redis = new Redis({
    host,
    port,
    ...(typeof sentinelUsername === 'string' ? { username: sentinelUsername } : {}),
    ...(typeof sentinelPassword === 'string' ? { password: sentinelPassword } : {}),
    ...(sentinelTLS === undefined ? {} : { tls: sentinelTLS }),
    protocol: 2,
    lazyConnect: true,
    enableReadyCheck: false,
    maxRetriesPerRequest: null,
    connectTimeout: parts.connectTimeoutMs,
    keepAlive: 5000,
    connectionName: 'chaperone-watch',
    retryStrategy: times => parts.pauseMs(times)
  })
  const client = heard(redis, away)
  client.on('error', away)
  client.on('message', (_channel, message: string) => {
    const [master, , , newHost, newPort] = message.split(' ')
    if (master === name && newHost !== undefined) parts.switched(newHost, Number(newPort))
  })
  client.subscribe(SWITCHED).catch(away)
  return client
}
