import type { Program } from '../conversation/program.ts'
import type { CallSettled } from '../conversation/turn-event.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { Random } from '../kernel/random.ts'
import { type CallJob, drive } from './drive.ts'

export interface CallsParts {
  readonly program: Pick<Program, 'calls' | 'relogin'>
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Calls under way at once; more wait their turn, in order. Default 256. */
  readonly most?: number
  /** Feeds the result back to the conversation. */
  settle(conversation: string, event: CallSettled): void
}

/**
 * Drives outside calls beside the conversations that wait for them.
 *
 * A call is made only after its intent was committed, always with the key of that intent, and ends
 * in exactly one `CallSettled`; whatever it throws is a failed attempt, never a crash.
 */
export class Calls {
  readonly #parts: CallsParts
  readonly #running = new Map<string, AbortController>()
  readonly #waiting = new Map<string, CallJob>()
  #stopped = false

  constructor(parts: CallsParts) {
    this.#parts = parts
  }

  /** Calls started or waiting, for health and for specs. */
  get open(): number {
    return this.#running.size + this.#waiting.size
  }

  /** Starts a call unless this process is already driving it. */
  start(job: CallJob): void {
    const id = `${job.conversation}/${job.key}`
    if (this.#stopped || this.#running.has(id) || this.#waiting.has(id)) return
    if (this.#running.size < (this.#parts.most ?? 256)) this.#run(id, job)
    else this.#waiting.set(id, job)
  }

  /** Abandons every call; intents stay committed and are resumed by the next process. */
  stop(): void {
    this.#stopped = true
    this.#waiting.clear()
    for (const abort of this.#running.values()) abort.abort()
  }

  #run(id: string, job: CallJob): void {
    const abort = new AbortController()
    this.#running.set(id, abort)
    void drive(this.#parts, job, abort.signal).then(event => {
      this.#running.delete(id)
      // A stopped process leaves the intent to whoever starts next: the key is the same.
      if (this.#stopped) return
      if (event !== null) this.#parts.settle(job.conversation, event)
      const [next] = this.#waiting
      if (next === undefined) return
      this.#waiting.delete(next[0])
      this.#run(...next)
    })
  }
}
