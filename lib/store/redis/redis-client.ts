import * as E from 'fp-ts/lib/Either.js'
import { Redis } from 'ioredis'
import type { Clock } from '../../kernel/clock.ts'
import { ChaperoneError, failure } from '../../kernel/failure.ts'
import type { Random } from '../../kernel/random.ts'
import { classify, FAILURE_OF, isNeverSent, quoted } from './classify.ts'
import { CorkedSocket } from './corked-socket.ts'
import type { Answer, Master } from './deployment.ts'
import { heard } from './heard-socket.ts'
import type { Command, Link } from './link.ts'
import { addressText, type Target, targetAt } from './place.ts'
import { reconnectPause, redisOptions } from './redis-options.ts'
import type { Script } from './scripts/script.ts'

/** How a client is made. */
export interface RedisClientParts {
  readonly target: Target
  readonly commandTimeoutMs: number
  readonly openTimeoutMs: number
  readonly clock: Clock
  readonly random: Random
  readonly scripts: readonly Script[]
}

/** A client of one server at a time; its promises reject with errors as ioredis gives them. */
export class RedisClient implements Master {
  readonly #parts: RedisClientParts
  readonly #redis: Redis
  readonly #socket: CorkedSocket
  #link: ClientLink | null = null
  #lastError: unknown = null
  #closed = false
  #leaving = false

  constructor(parts: RedisClientParts) {
    this.#parts = parts
    const redis = new Redis(redisOptions(parts, error => this.#isLeftFor(error)))
    this.#redis = heard(redis, error => {
      this.#lastError ??= error
    })
    // Each call that waits until it is ready listens for that; the turns under way bound them.
    this.#redis.setMaxListeners(0)
    this.#socket = new CorkedSocket(this.#redis)
    this.#redis.on('error', this.#noted)
    this.#redis.on('ready', () => {
      this.#link = new ClientLink(this, peerOf(this.#redis, parts.target))
      this.#lastError = null
      this.#leaving = false
    })
    this.#redis.on('end', this.#revive)
    for (const { name, lua } of parts.scripts) this.#redis.defineCommand(name, { lua })
  }

  get address(): string {
    return this.#link?.address ?? this.#parts.target.shown
  }

  /** True while calls are sent at once; otherwise they are refused. */
  get isReady(): boolean {
    return this.#redis.status === 'ready'
  }

  /** The connection of now, or the last one; null before the first. */
  get link(): Link | null {
    return this.#link
  }

  /** What the server or the connection said last, when it was an error. */
  get lastError(): unknown {
    return this.#lastError
  }

  /** Resolves when the server is ready; reconnecting goes on by itself from then. */
  ready(withinMs = this.#parts.openTimeoutMs): Promise<void> {
    const redis = this.#redis
    if (redis.status === 'ready') return Promise.resolve()
    if (this.#closed) return Promise.reject(this.#notReady(0))
    return new Promise((resolve, reject) => {
      const settle = (settled: () => void): void => {
        cancel()
        redis.off('ready', done)
        redis.off('error', refused)
        settled()
      }
      const done = (): void => settle(resolve)
      const fail = (): void => settle(() => reject(this.#notReady(withinMs)))
      // A refusal is not the end: the client goes on trying, unless trying cannot help.
      const refused = (error: unknown): void => {
        if (classify(error) === 'fatal') fail()
      }
      const cancel = this.#parts.clock.after(withinMs, fail)
      redis.once('ready', done)
      redis.on('error', refused)
      if (redis.status === 'wait' || redis.status === 'end') redis.connect().catch(this.#noted)
    })
  }

  /** Runs a script; `read` gets the link by which the reply came. */
  run<R, T>(
    script: Script,
    args: readonly (string | number)[],
    read: (reply: R, link: Link) => T | Promise<T>,
    failed: (error: unknown) => T | Promise<T>
  ): Promise<T> {
    this.#socket.sending()
    const commands = this.#redis as unknown as Record<string, (args: unknown) => Promise<R>>
    return commands[script.name]!(args).then(
      reply => {
        this.#socket.landed()
        return read(reply, this.#link!)
      },
      (error: unknown) => {
        this.#socket.landed()
        return failed(this.#whyOf(error))
      }
    )
  }

  /** Runs a command of a slot that is only on its way to this server. */
  async rawAsking(command: Command): Promise<unknown> {
    const asking = this.#redis.call('ASKING')
    const [, reply] = await Promise.all([asking, this.raw(command)])
    return reply
  }

  /** Runs a plain command of the server. */
  async call(...command: Command): Promise<unknown> {
    try {
      return await this.raw(command)
    } catch (error) {
      throw failureFrom(error)
    }
  }

  /** Runs a plain command; rejects with what the server said. */
  async raw([command, ...args]: Command): Promise<unknown> {
    try {
      return await this.#redis.call(String(command), ...args)
    } catch (error) {
      throw this.#whyOf(error)
    }
  }

  /** Runs plain commands in one write, each with its own answer. */
  async batch(commands: readonly Command[]): Promise<readonly Answer[]> {
    return (await this.rawBatch(commands)).map(([error, reply]) =>
      error === null ? E.right(reply) : E.left(failureFrom(error))
    )
  }

  /** Like `batch`, with errors as the server said them. */
  async rawBatch(commands: readonly Command[]): Promise<readonly [Error | null, unknown][]> {
    const rows = await this.#redis.pipeline(commands.map(command => [...command])).exec()
    return rows ?? []
  }

  /** A client of the server at this address, with the same user, password and TLS. */
  beside(host: string, port: number): RedisClient {
    const { target } = this.#parts
    return new RedisClient({ ...this.#parts, target: targetAt(target, host, port), scripts: [] })
  }

  /** Looks for another server, unless it is at this address: what is under way is given up. */
  leaveFor(address: string): void {
    const redis = this.#redis
    const { status } = redis
    // One that is to look yet finds the new one.
    if (status !== 'ready' && status !== 'connect' && status !== 'connecting') return
    // A former master that stands still may answer, once it goes on, as if it were one.
    const peer = status === 'connecting' ? null : peerOf(redis, this.#parts.target)
    if (peer !== null && addressText(peer.host, peer.port) === address) return
    if (status === 'ready') {
      if (this.#leaving) return
      this.#leaving = true
    }
    redis.disconnect(true)
  }

  close(): void {
    this.#closed = true
    this.#redis.disconnect()
  }

  /** Where there is no connection because none is allowed, it is that which a person must know. */
  #whyOf(error: unknown): unknown {
    const isBarred = isNeverSent(error) && classify(this.#lastError) === 'fatal'
    return isBarred ? this.#lastError : error
  }

  readonly #noted = (error: unknown): void => {
    this.#lastError = error
  }

  // The library gives up when it is cut short while it asks a sentinel: nothing else ends it.
  readonly #revive = (): void => {
    if (this.#closed) return
    const { clock, random } = this.#parts
    clock.after(reconnectPause(random, 1), () => {
      if (!this.#closed && this.#redis.status === 'end') this.#redis.connect().catch(this.#noted)
    })
  }

  // Many calls hear it from a master that was demoted; the first of them leaves it.
  #isLeftFor(error: Error): boolean {
    if (this.#leaving || !error.message.startsWith('READONLY')) return false
    this.#leaving = true
    return true
  }

  #notReady(withinMs: number): ChaperoneError {
    const why = this.#lastError === null ? 'it did not answer' : quoted(this.#lastError)
    const { shown } = this.#parts.target
    const detail = `Redis at ${shown} was not ready within ${Math.ceil(withinMs)} ms`
    const isBarred = classify(this.#lastError) === 'fatal'
    const code = isBarred ? FAILURE_OF.fatal : FAILURE_OF.unknown
    return new ChaperoneError(failure(code, `${detail}: ${why}.`))
  }
}

class ClientLink implements Link {
  readonly address: string
  readonly #client: RedisClient
  readonly #peer: Peer

  constructor(client: RedisClient, peer: Peer) {
    this.#client = client
    this.#peer = peer
    this.address = addressText(peer.host, peer.port)
  }

  call(...command: Command): Promise<unknown> {
    if (this.#client.link === this) return this.#client.call(...command)
    const detail = `Redis: the connection to ${this.address} is gone.`
    return Promise.reject(new ChaperoneError(failure('CHP_STORE_REFUSED', detail)))
  }

  beside(): RedisClient {
    return this.#client.beside(this.#peer.host, this.#peer.port)
  }
}

/** What is read of a socket. */
interface Ends {
  readonly remoteAddress: string
  readonly remotePort: number
}

interface Peer {
  readonly host: string
  readonly port: number
}

/** The failure an error of the client stands for. */
export function failureFrom(error: unknown): ChaperoneError {
  if (error instanceof ChaperoneError) return error
  return new ChaperoneError(failure(FAILURE_OF[classify(error)], `Redis: ${quoted(error)}.`))
}

// Sentinel says who is the master: the connection knows where it went.
function peerOf(redis: Redis, { options: { host, port } }: Target): Peer {
  if (host !== undefined && port !== undefined) return { host, port }
  const socket: unknown = Reflect.get(redis, 'stream')
  const { remoteAddress = '', remotePort = 0 } = socket as Partial<Ends>
  return { host: remoteAddress, port: remotePort }
}
