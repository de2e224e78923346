import { ChaperoneError, failure, failureOf } from '../../kernel/failure.ts'
import { whatWasThrown } from '../../kernel/thrown.ts'
import type { Link, SideClient } from './link.ts'

/** What a barrier asks for. */
export interface BarrierOptions {
  /** Replicas that must have a commit. */
  readonly replicas: number
  /** Longest wait for them, in ms. */
  readonly waitMs: number
}

/** Answers that wait at one master; what comes on top is told that it is not durable. */
const WAITING_MOST = 10_000

interface Waiter {
  readonly passed: () => void
  readonly failed: (error: ChaperoneError) => void
}

/**
 * Waits until replicas have what was answered: one connection a master, and one WAIT for all that
 * was answered before it was sent.
 *
 * A WAIT speaks for the server it is sent to, so a server is known by the id of its history, which
 * changes whenever a server becomes master. Only what was answered after that id was read, by the
 * same connection, is proved by a WAIT under the same id; anything else must be asked again.
 */
export class Barriers {
  readonly #options: BarrierOptions
  readonly #links: () => readonly (Link | null)[]
  readonly #byAddress = new Map<string, Barrier>()

  /** `links` are the connections to the masters of now. */
  constructor(options: BarrierOptions, links: () => readonly (Link | null)[]) {
    this.#options = options
    this.#links = links
  }

  /** Reads the history of every master, so that what is answered from now on can be proved. */
  async prepare(withinMs: number): Promise<void> {
    await Promise.all(this.#links().map(async link => link && this.#of(link).learn(withinMs)))
  }

  /**
   * Resolves when the replicas have what this link answered just now; null: its history was not
   * known then, so the call is to be repeated.
   *
   * Fails with CHP_STORE_NOT_DURABLE when too few replicas have it in time, or nobody can say.
   */
  async passed(link: Link): Promise<'passed' | null> {
    const barrier = this.#of(link)
    if (barrier.isKnown) return barrier.passed()
    await barrier.learn(this.#options.waitMs)
    return null
  }

  close(): void {
    for (const barrier of this.#byAddress.values()) barrier.close()
    this.#byAddress.clear()
  }

  #of(link: Link): Barrier {
    const known = this.#byAddress.get(link.address)
    if (known?.link === link) return known
    this.#dropGone(link)
    const barrier = new Barrier(link, this.#options)
    this.#byAddress.set(link.address, barrier)
    return barrier
  }

  /** Ends those of connections that are gone: what waits there is repeated, and waits anew. */
  #dropGone({ address: mine }: Link): void {
    const current = new Set(this.#links())
    for (const [address, barrier] of this.#byAddress) {
      if (address !== mine && current.has(barrier.link)) continue
      barrier.close()
      this.#byAddress.delete(address)
    }
  }
}

class Barrier {
  readonly link: Link
  readonly #options: BarrierOptions
  readonly #client: SideClient
  #history: string | null = null
  #learning: Promise<void> | null = null
  #waiting: Waiter[] = []
  #isUnderWay = false
  #isClosed = false

  constructor(link: Link, options: BarrierOptions) {
    this.link = link
    this.#options = options
    this.#client = link.beside()
  }

  get isKnown(): boolean {
    return this.#history !== null
  }

  /** Asked on the link itself: what it answers from then on belongs to this history. */
  learn(withinMs: number): Promise<void> {
    this.#learning ??= this.#learned(withinMs).finally(() => {
      this.#learning = null
    })
    return this.#learning
  }

  passed(): Promise<'passed'> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) return reject(notDurable('the connection broke'))
      if (this.#waiting.length >= WAITING_MOST) {
        return reject(notDurable(`${WAITING_MOST} answers wait already`))
      }
      this.#waiting.push({ passed: () => resolve('passed'), failed: reject })
      // Answers that came in one piece are taken together.
      if (!this.#isUnderWay) queueMicrotask(() => void this.#rounds())
    })
  }

  close(): void {
    this.#isClosed = true
    this.#client.close()
    for (const { failed } of this.#waiting.splice(0)) failed(notDurable('the connection broke'))
  }

  async #learned(withinMs: number): Promise<void> {
    try {
      const replication = await this.link.call('INFO', 'replication')
      await this.#client.ready(withinMs)
      this.#history = historyOf(replication)
    } catch (error) {
      throw notDurable(failureOf(error)?.detail ?? whatWasThrown(error))
    }
  }

  /** One after the other: while one waits, answers gather for the next. */
  async #rounds(): Promise<void> {
    if (this.#isUnderWay) return
    this.#isUnderWay = true
    while (this.#waiting.length > 0 && !this.#isClosed) {
      const covered = this.#waiting
      this.#waiting = []
      const error = await this.#waited()
      for (const { passed, failed } of covered) {
        if (error === null) passed()
        else failed(error)
      }
    }
    this.#isUnderWay = false
  }

  /** Null when enough replicas have all that was answered before. */
  async #waited(): Promise<ChaperoneError | null> {
    const { replicas, waitMs } = this.#options
    try {
      const side = this.#client.link
      if (side === null) return notDurable('there is no second connection')
      // On one connection, one behind the other: WAIT waits for what was done when the command
      // before it was, and for nothing at all on a connection that has not run any.
      const [replication, count] = await Promise.all([
        side.call('INFO', 'replication'),
        side.call('WAIT', replicas, waitMs)
      ])
      if (historyOf(replication) !== this.#history) {
        this.#history = null
        return notDurable('another server has become the master')
      }
      const acknowledging = Number(count)
      if (acknowledging >= replicas) return null
      return notDurable(`${acknowledging} of ${replicas} replicas have it after ${waitMs} ms`)
    } catch (error) {
      return notDurable(failureOf(error)?.detail ?? whatWasThrown(error))
    }
  }
}

/** The id of what a master writes; null for a replica, which only hands on. */
function historyOf(replication: unknown): string | null {
  const text = String(replication)
  if (!/^role:master\r?$/m.test(text)) return null
  return /^master_replid:(\w+)\r?$/m.exec(text)?.[1] ?? null
}

// Whatever went wrong here, the call itself has happened.
function notDurable(why: string): ChaperoneError {
  const text = why.replace(/\.$/, '')
  return new ChaperoneError(failure('CHP_STORE_NOT_DURABLE', `Replicas: ${text}.`))
}
