import { isLeft } from 'fp-ts/lib/Either.js'
import type { CallAnswer, CallDefinition, CallFailure, Program } from '../conversation/program.ts'
import type { Core } from '../conversation/record.ts'
import type { CallResult, CallSettled } from '../conversation/turn-event.ts'
import { type Clock, pause } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import { fullJitterMs, type Random } from '../kernel/random.ts'
import type { Secret } from '../kernel/secret.ts'

/** One committed intent, ready to be driven to its end. */
export interface CallJob {
  readonly conversation: string
  readonly key: string
  readonly name: string
  readonly input: unknown
  readonly core: Core
}

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

const BACKOFF = { initialMs: 250, maxMs: 2_000, factor: 2 }

/**
 * Drives outside calls beside the conversations that wait for them.
 *
 * A call is made only after its intent was committed, always with the key of that intent, and ends
 * in exactly one `CallSettled`; whatever it throws is a failed attempt, never a crash.
 */
export class Calls {
  readonly #parts: CallsParts
  readonly #running = new Map<string, AbortController>()
  readonly #waiting: CallJob[] = []
  #stopped = false

  constructor(parts: CallsParts) {
    this.#parts = parts
  }

  /** Calls started or waiting, for health and for specs. */
  get open(): number {
    return this.#running.size + this.#waiting.length
  }

  /** Starts a call unless this process is already driving it. */
  start(job: CallJob): void {
    const id = `${job.conversation}/${job.key}`
    if (this.#stopped || this.#running.has(id)) return
    if (this.#running.size >= (this.#parts.most ?? 256)) {
      if (!this.#waiting.some(({ key }) => key === job.key)) this.#waiting.push(job)
      return
    }
    const abort = new AbortController()
    this.#running.set(id, abort)
    void this.#drive(job, abort).then(event => {
      this.#running.delete(id)
      // A stopped process leaves the intent to whoever starts next: the key is the same.
      if (event !== null && !this.#stopped) this.#parts.settle(job.conversation, event)
      const next = this.#waiting.shift()
      if (next !== undefined) this.start(next)
    })
  }

  /** Abandons every call; intents stay committed and are resumed by the next process. */
  stop(): void {
    this.#stopped = true
    this.#waiting.length = 0
    for (const abort of this.#running.values()) abort.abort()
  }

  async #drive(job: CallJob, abort: AbortController): Promise<CallSettled | null> {
    const definition = this.#parts.program.calls[job.name]
    const settled = (
      result: CallResult,
      attempts: number,
      renewed: Secret | null
    ): CallSettled => ({
      kind: 'CallSettled',
      id: `${job.key}.settled`,
      key: job.key,
      result,
      renewed,
      attempts
    })
    if (definition === undefined) {
      this.#parts.log.error({ event: 'call.unknown', call: job.name }, 'no such call in this build')
      return settled({ tag: 'unreachable', known: 'unknown' }, 0, null)
    }
    let token: Secret | null = job.core.token?.value ?? null
    let renewed: Secret | null = null
    let known: 'not-done' | 'unknown' = 'not-done'
    let attempt = 0
    while (attempt < definition.attempts && !abort.signal.aborted) {
      attempt += 1
      const ended = await this.#attempt(definition, job, { token, attempt, abort })
      if (ended.tag === 'answered') return settled(ended, attempt, renewed)
      if (ended.tag === 'unauthorised' && renewed === null) {
        const login = await this.#relogin(job, abort)
        if (login === 'memberUnknown') return settled({ tag: 'memberUnknown' }, attempt, null)
        if (login !== null) {
          renewed = login
          token = login
          attempt -= 1
          continue
        }
      }
      // An answer that is none may stand in the place of one that said what was done.
      if (ended.tag === 'unknown' || ended.tag === 'badAnswer') known = 'unknown'
      if (attempt < definition.attempts) {
        await pause(this.#parts.clock, fullJitterMs(this.#parts.random, BACKOFF, attempt - 1))
      }
    }
    return abort.signal.aborted ? null : settled({ tag: 'unreachable', known }, attempt, renewed)
  }

  async #relogin(job: CallJob, abort: AbortController): Promise<Secret | 'memberUnknown' | null> {
    const { relogin, calls } = this.#parts.program
    const definition = relogin === null ? undefined : calls[relogin.call]
    if (relogin === null || definition === undefined || definition.name === job.name) return null
    const login = { ...job, key: `${job.key}.login`, name: relogin.call }
    for (let attempt = 1; attempt <= definition.attempts && !abort.signal.aborted; attempt += 1) {
      const withInput = { ...login, input: relogin.input(job.core) }
      const ended = await this.#attempt(definition, withInput, { token: null, attempt, abort })
      if (ended.tag === 'answered') return relogin.token(ended)
      if (attempt < definition.attempts) {
        await pause(this.#parts.clock, fullJitterMs(this.#parts.random, BACKOFF, attempt - 1))
      }
    }
    return null
  }

  async #attempt(
    definition: CallDefinition,
    job: CallJob,
    { token, attempt, abort }: { token: Secret | null; attempt: number; abort: AbortController }
  ): Promise<({ tag: 'answered' } & CallAnswer) | CallFailure> {
    const { clock, log } = this.#parts
    const limit = new AbortController()
    const ended = await new Promise<({ tag: 'answered' } & CallAnswer) | CallFailure>(resolve => {
      const giveUp = (detail: string): void => {
        limit.abort()
        resolve({ tag: 'unknown', detail })
      }
      const cancel = clock.after(definition.timeoutMs, () => giveUp('time limit'))
      const onStop = (): void => giveUp('stopping')
      abort.signal.addEventListener('abort', onStop, { once: true })
      void runOnce(definition, job, { token, attempt, signal: limit.signal }).then(result => {
        cancel()
        abort.signal.removeEventListener('abort', onStop)
        resolve(result)
      })
    })
    log.debug(
      { event: 'call.attempt', call: job.name, key: job.key, attempt, ended: ended.tag },
      'attempt ended'
    )
    return ended
  }
}

async function runOnce(
  definition: CallDefinition,
  job: CallJob,
  { token, attempt, signal }: { token: Secret | null; attempt: number; signal: AbortSignal }
): Promise<({ tag: 'answered' } & CallAnswer) | CallFailure> {
  try {
    const result = await definition.run(job.input, { key: job.key, token, signal, attempt })()
    if (isLeft(result)) return result.left
    const codec = definition.outcomes[result.right.outcome]
    if (codec === undefined) return { tag: 'badAnswer', detail: 'undeclared outcome' }
    return codec.is(result.right.output)
      ? { tag: 'answered', ...result.right }
      : { tag: 'badAnswer', detail: `outcome ${result.right.outcome} outside its codec` }
  } catch (error) {
    // A call that throws may have been made: only the same key can tell.
    return { tag: 'unknown', detail: error instanceof Error ? error.name : 'thrown value' }
  }
}
