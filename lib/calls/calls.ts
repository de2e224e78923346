import type { Program } from '../conversation/program.ts'
import type { CallSettled } from '../conversation/turn-event.ts'
import type { Cancel, Clock, Millis } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { Random } from '../kernel/random.ts'
import { whatWasThrown } from '../kernel/thrown.ts'
import { CallBreakers } from './call-breaker.ts'
import { type CallJob, drive, notMade } from './drive.ts'

export interface CallsParts {
  readonly program: Pick<Program, 'calls' | 'relogin'>
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly limits: CallLimits
  /** Feeds the result back to the conversation; resolves when that has taken it, or never will. */
  settle(conversation: string, event: CallSettled): Promise<void>
  /** A call of this conversation has run for half a lease. */
  renew(conversation: string): void
  /** An open call is to be looked at anew: another process may have taken it meanwhile. */
  resume(conversation: string): void
  /** Something that nobody had foreseen went wrong; a sweep takes it up again. */
  failed(error: unknown): void
  /** A call that may have been done, and that only a person can look up. */
  unresolved(conversation: string, name: string, key: string): void
}

export interface CallLimits {
  /** Calls under way at one time; more wait their turn, in order. */
  readonly callsAtOnce: number
  /**
   * Calls that wait; beyond it a call is left to the sweep, which starts it again, or fails where
   * only this process may begin it.
   */
  readonly callsWaiting: number
  /** How long a lease on a call keeps other processes away, in ms. */
  readonly leaseMs: number
}

const TOLD_MAX = 1_000

/** A call that waits its turn. */
interface Waiting {
  readonly job: CallJob
  readonly sinceMs: Millis
  /** Lets its lease end. */
  readonly letGo: Cancel
}

/** A call that is made, or read back. */
interface Running {
  readonly job: CallJob
  readonly abort: AbortController
}

/**
 * Drives outside calls beside the conversations that wait for them.
 *
 * A call is made only after its intent was committed, always with the key of that intent, and ends
 * in exactly one `CallSettled`; whatever it throws is a failed attempt, never a crash.
 */
export class Calls {
  readonly #parts: CallsParts
  readonly #running = new Map<string, Running>()
  readonly #waiting = new Map<string, Waiting>()
  readonly #breakers: CallBreakers
  /** Calls that have ended, and whose conversation has not taken the result yet. */
  readonly #ending = new Set<string>()
  /** Those among them that the very commit which took the result has opened again. */
  readonly #again = new Set<string>()
  /** Calls this process opened and never tried; of too many the first counts as tried. */
  readonly #untried = new Set<string>()
  /** Keys that a person was asked about; of too many the first is asked about anew. */
  readonly #told = new Set<string>()
  #stopped = false

  constructor(parts: CallsParts) {
    this.#parts = parts
    this.#breakers = new CallBreakers(parts)
  }

  /** Calls that wait, are under way, or whose result does; for health and for specs. */
  get open(): number {
    return this.#running.size + this.#waiting.size + this.#ending.size
  }

  /** True while the call waits here, is under way, or its result was not taken yet. */
  has(conversation: string, key: string): boolean {
    const id = `${conversation}/${key}`
    return this.#running.has(id) || this.#waiting.has(id) || this.#ending.has(id)
  }

  /** True when this process opened the call and it only waited since. */
  isUntried(conversation: string, key: string): boolean {
    return this.#untried.has(`${conversation}/${key}`)
  }

  /** Another process held the call meanwhile: it may have made it. */
  doubt(conversation: string, key: string): void {
    this.#untried.delete(`${conversation}/${key}`)
  }

  /** Asks a person to look a call up, once a key for as long as this process remembers it. */
  tellUnresolved(conversation: string, name: string, key: string): void {
    const id = `${conversation}/${key}`
    if (this.#told.has(id)) return
    this.#told.add(id)
    const [first = id] = this.#told
    if (this.#told.size > TOLD_MAX) this.#told.delete(first)
    this.#parts.unresolved(conversation, name, key)
  }

  /** Lets go of a call that another process drives. */
  abandon(conversation: string, key: string): void {
    const id = `${conversation}/${key}`
    this.#waiting.get(id)?.letGo()
    this.#waiting.delete(id)
    this.#untried.delete(id)
    this.#running.get(id)?.abort.abort()
  }

  /** Lets go of calls that are made here and must not be any more; what is read back goes on. */
  abandonMade(conversation: string, mayBeMade: (key: string) => boolean): void {
    for (const { job } of this.#running.values()) {
      if (job.conversation !== conversation || job.left === true || mayBeMade(job.key)) continue
      this.abandon(conversation, job.key)
    }
  }

  /** Starts a call unless this process is driving it, or has just done so. */
  start(job: CallJob): void {
    const id = `${job.conversation}/${job.key}`
    if (this.#ending.has(id)) this.#again.add(id)
    if (this.#stopped || this.has(job.conversation, job.key)) return
    const { callsAtOnce, callsWaiting } = this.#parts.limits
    if (job.resumed) this.#untried.delete(id)
    else this.#noteUntried(id)
    if (this.#running.size < callsAtOnce) this.#run(id, job)
    else if (this.#waiting.size < callsWaiting) this.#wait(id, job)
    else this.#leave(id, job)
  }

  /** Abandons every call; intents stay committed and are resumed by the next process. */
  stop(): void {
    this.#stopped = true
    for (const { letGo } of this.#waiting.values()) letGo()
    this.#waiting.clear()
    for (const { abort } of this.#running.values()) abort.abort()
  }

  /** There is no room: what others may drive is left to the sweep, what they may not has failed. */
  #leave(id: string, job: CallJob): void {
    const isOurs = this.#isOurs(job) && !job.resumed
    const what = isOurs ? 'fails' : 'waits'
    this.#parts.log.debug({ event: 'call.left', call: job.name, key: job.key, what }, 'not now')
    if (isOurs) void this.#end(id, job, notMade(job))
  }

  /** Only this process knows that it was not made: another one would have to ask a person. */
  #isOurs({ name }: CallJob): boolean {
    return this.#parts.program.calls[name]?.unknown === 'ask-operator'
  }

  #noteUntried(id: string): void {
    this.#untried.add(id)
    // As many again may be left to the sweep as wait here.
    if (this.#untried.size <= 2 * this.#parts.limits.callsWaiting) return
    const [first = id] = this.#untried
    this.#untried.delete(first)
  }

  #wait(id: string, job: CallJob): void {
    const letGo = this.#isOurs(job) ? this.#keepLease(job) : () => undefined
    this.#tellWait(job, 'waits', 0)
    this.#waiting.set(id, { job, sinceMs: this.#parts.clock.monotonicMs(), letGo })
  }

  #tellWait({ conversation, name: call, key }: CallJob, what: string, ageMs: Millis): void {
    const others = { running: this.#running.size, waiting: this.#waiting.size }
    const fields = { conversation, call, key, what, reason: 'calls at once', ageMs, ...others }
    this.#parts.log.debug({ event: 'call.wait', ...fields }, 'others came first')
  }

  /** Renews the lease of a call at each half of it, until the returned function is called. */
  #keepLease({ conversation }: CallJob): Cancel {
    const { clock, limits } = this.#parts
    let cancel: Cancel = () => undefined
    const renewLater = (): void => {
      cancel = clock.after(limits.leaseMs / 2, () => {
        this.#parts.renew(conversation)
        renewLater()
      })
    }
    renewLater()
    return () => cancel()
  }

  #run(id: string, job: CallJob): void {
    const abort = new AbortController()
    this.#running.set(id, { job, abort })
    this.#untried.delete(id)
    const letGo = this.#keepLease(job)
    void this.#driven(job, abort.signal).then(event => {
      this.#running.delete(id)
      // A stopped process leaves the intent to whoever starts next: the key is the same.
      if (event !== null && !this.#stopped) void this.#end(id, job, event).then(letGo)
      else letGo()
      this.#runNext()
    })
  }

  #runNext(): void {
    for (const [id, { job, sinceMs, letGo }] of this.#waiting) {
      if (this.#stopped) return
      letGo()
      this.#waiting.delete(id)
      const waitedMs = this.#parts.clock.monotonicMs() - sinceMs
      this.#tellWait(job, 'goes on', waitedMs)
      if (waitedMs < this.#parts.limits.leaseMs / 2) {
        this.#run(id, job)
        return
      }
      this.#parts.resume(job.conversation)
    }
  }

  /** Never rejects; a fault of its own leaves the committed intent to the sweep. */
  async #driven(job: CallJob, stop: AbortSignal): Promise<CallSettled | null> {
    try {
      const parts = {
        ...this.#parts,
        breakers: this.#breakers,
        unresolved: () => this.tellUnresolved(job.conversation, job.name, job.key)
      }
      return await drive(parts, job, stop)
    } catch (error) {
      this.#failed(job, error)
      return null
    }
  }

  /** Until the result is taken, whoever looks at the conversation still finds the call open. */
  async #end(id: string, job: CallJob, event: CallSettled): Promise<void> {
    this.#ending.add(id)
    try {
      await this.#parts.settle(job.conversation, event)
    } catch (error) {
      this.#failed(job, error)
    }
    this.#ending.delete(id)
    if (this.#again.delete(id)) this.#parts.resume(job.conversation)
  }

  #failed({ conversation, name: call, key }: CallJob, error: unknown): void {
    const fields = { event: 'call.failed', conversation, call, key, why: whatWasThrown(error) }
    this.#parts.log.error(fields, 'started again by a sweep')
    this.#parts.failed(error)
  }
}
