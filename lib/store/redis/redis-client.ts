import { Redis, type RedisOptions } from 'ioredis'
import type { Clock } from '../../kernel/clock.ts'
import { ChaperoneError, fail, failure } from '../../kernel/failure.ts'
import { fullJitterMs, type Random } from '../../kernel/random.ts'
import { classify, quoted } from './classify.ts'
import { CorkedSocket } from './corked-socket.ts'
import type { RunScript, Script } from './scripts/script.ts'

const BACKOFF = { initialMs: 50, maxMs: 2000, factor: 2 } as const
const FAILURE_CODES = {
  refused: 'CHP_STORE_REFUSED',
  fatal: 'CHP_STORE_REFUSED',
  wrongType: 'CHP_STORE_WRONG_TYPE',
  unknown: 'CHP_STORE_UNAVAILABLE'
} as const

/** How a client is made. */
export interface RedisClientParts {
  readonly url: string
  readonly commandTimeoutMs: number
  readonly openTimeoutMs: number
  readonly clock: Clock
  readonly random: Random
  readonly scripts: readonly Script[]
}

/** A connection on which every call settles, as done or with a `ChaperoneError`. */
export class RedisClient {
  readonly #parts: RedisClientParts
  readonly #redis: Redis
  readonly #socket: CorkedSocket
  #lastError: unknown = null

  constructor(parts: RedisClientParts) {
    this.#parts = parts
    this.#redis = new Redis(checkedUrl(parts.url), optionsOf(parts))
    this.#socket = new CorkedSocket(this.#redis)
    this.#redis.on('error', this.#noted)
    for (const { name, lua } of parts.scripts) this.#redis.defineCommand(name, { lua })
  }

  /** Resolves when the server is ready; reconnecting goes on by itself from then. */
  ready(): Promise<void> {
    const redis = this.#redis
    if (redis.status === 'ready') return Promise.resolve()
    return new Promise((resolve, reject) => {
      const settle = (settled: () => void): void => {
        cancel()
        redis.off('ready', done)
        redis.off('error', refused)
        settled()
      }
      const done = (): void => settle(resolve)
      const fail = (): void => settle(() => reject(this.#notReady()))
      // A refusal is not the end: the client goes on trying, unless trying cannot help.
      const refused = (error: unknown): void => {
        if (classify(error) === 'fatal') fail()
      }
      const cancel = this.#parts.clock.after(this.#parts.openTimeoutMs, fail)
      redis.once('ready', done)
      redis.on('error', refused)
      if (redis.status === 'wait' || redis.status === 'end') redis.connect().catch(this.#noted)
    })
  }

  readonly run: RunScript = <R, T>(
    script: Script,
    args: readonly (string | number)[],
    read: (reply: R) => T | Promise<T>
  ): Promise<T> => {
    this.#socket.sending()
    const commands = this.#redis as unknown as Record<string, (args: unknown) => Promise<R>>
    return commands[script.name]!(args).then(reply => {
      this.#socket.landed()
      return read(reply)
    }, this.#failed)
  }

  /** Runs a plain command of the server. */
  async call(command: string, ...args: readonly (string | number)[]): Promise<unknown> {
    try {
      return await this.#redis.call(command, ...args)
    } catch (error) {
      throw failed(error)
    }
  }

  /** Runs plain commands in one write, each with its own answer. */
  async batch(commands: readonly (readonly (string | number)[])[]): Promise<readonly unknown[]> {
    const rows = await this.#redis
      .pipeline(commands.map(command => [...command]))
      .exec()
      .catch(error => {
        throw failed(error)
      })
    return (rows ?? []).map(([error, reply]) => {
      if (error !== null) throw failed(error)
      return reply
    })
  }

  close(): void {
    this.#redis.disconnect()
  }

  readonly #failed = (error: unknown): never => {
    this.#socket.landed()
    throw failed(error)
  }

  readonly #noted = (error: unknown): void => {
    this.#lastError = error
  }

  #notReady(): ChaperoneError {
    const why = this.#lastError === null ? 'it did not answer' : quoted(this.#lastError)
    const { openTimeoutMs } = this.#parts
    const detail = `Redis at ${shownUrl(this.#parts.url)} was not ready within ${openTimeoutMs} ms`
    return new ChaperoneError(failure('CHP_STORE_UNAVAILABLE', `${detail}: ${why}.`))
  }
}

/** The failure an error of the client stands for. */
function failed(error: unknown): ChaperoneError {
  if (error instanceof ChaperoneError) return error
  return new ChaperoneError(failure(FAILURE_CODES[classify(error)], `Redis: ${quoted(error)}.`))
}

// The defaults of the client send commands again by themselves, or never settle.
function optionsOf({
  commandTimeoutMs,
  random
}: RedisClientParts): RedisOptions & { replyMapping: 'legacy' } {
  return {
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
    retryStrategy: times => 1 + fullJitterMs(random, BACKOFF, Math.min(times, 10)),
    reconnectOnError: error => (error.message.startsWith('READONLY') ? 1 : false)
  }
}

function checkedUrl(url: string): string {
  if (!URL.canParse(url) || !['redis:', 'rediss:'].includes(new URL(url).protocol)) {
    fail(
      'CHP_SETTING_INVALID',
      'The Redis URL must be of the form redis://host:port or rediss://host:port.'
    )
  }
  return url
}

// Without user and password.
function shownUrl(url: string): string {
  const { protocol, host } = new URL(url)
  return `${protocol}//${host}`
}
