import type { Cancel, Clock } from '../kernel/clock.ts'
import { type Failure, failure } from '../kernel/failure.ts'
import type { Log } from '../kernel/log.ts'
import type { Policy } from '../supervision/policy.ts'
import type { FailureContext } from './failure-context.ts'
import type { Listeners } from './trace.ts'

/** What a person is told of one cause, all its occurrences in one. */
export interface AlarmNotice {
  readonly event: 'alarm'
  readonly cause: string
  readonly code: string
  readonly detail: string
  /** `FLOW.step` where it was met. */
  readonly where: string
  /** Occurrences since the cause was told last. */
  readonly count: number
  /** The conversations it was met in; of more than 500 the first 500. */
  readonly conversations: readonly string[]
  readonly build: string
  readonly instance: string
  readonly at: number
}

/** Sends a notice somewhere; rejects when it did not arrive, or in time. */
export type SendAlarm = (url: string, notice: AlarmNotice, signal: AbortSignal) => Promise<void>

/** Occurrences of a cause that no person was told of yet. */
interface Gathered {
  readonly context: FailureContext
  readonly conversations: Set<string>
  count: number
  /** Set until it is told. */
  due: Cancel | null
}

interface AlarmParts {
  readonly clock: Clock
  readonly log: Log
  readonly listeners: Listeners
  readonly policy: () => Policy
  readonly instance: string
  readonly sendAlarm: SendAlarm
}

const CONVERSATIONS_MOST = 500
/** Causes kept apart; beyond it the one that was met first is told at once, and forgotten. */
const CAUSES_MOST = 1_000
/** How long one try may take. */
const SEND_MS = 5_000
/** Pauses before the second and the third try. */
const TRIES_MS: readonly number[] = [1_000, 10_000]

/**
 * Escalations end at a person: by the log, by `runtime.on('alarm')` and by the webhook of the
 * policy. Occurrences of one cause are gathered first, and one that was told is only counted for a
 * while, so that a bug met by 500 conversations is one alarm.
 */
export class Alarms {
  readonly #parts: AlarmParts
  readonly #byCause = new Map<string, Gathered>()

  constructor(parts: AlarmParts) {
    this.#parts = parts
  }

  /** Notes one occurrence; a person is told soon, once. */
  raise(context: FailureContext): void {
    const known = this.#byCause.get(context.cause)
    if (known !== undefined) {
      known.count += 1
      if (known.conversations.size < CONVERSATIONS_MOST) {
        known.conversations.add(context.conversation)
      }
      return
    }
    if (this.#byCause.size >= CAUSES_MOST) this.#forgetFirst()
    const conversations = new Set([context.conversation])
    const gathered: Gathered = { context, conversations, count: 1, due: null }
    this.#byCause.set(context.cause, gathered)
    this.#later(gathered, this.#parts.policy().alarm.gatherMs)
  }

  /** Tells at once whatever still waits: the process ends. */
  stop(): void {
    for (const gathered of this.#byCause.values()) {
      gathered.due?.()
      if (gathered.count > 0) this.#tell(gathered)
    }
    this.#byCause.clear()
  }

  #later(gathered: Gathered, delayMs: number): void {
    gathered.due = this.#parts.clock.after(delayMs, () => this.#look(gathered))
  }

  #look(gathered: Gathered): void {
    gathered.due = null
    if (gathered.count === 0) {
      this.#byCause.delete(gathered.context.cause)
      return
    }
    this.#tell(gathered)
    this.#later(gathered, this.#parts.policy().alarm.repeatMs)
  }

  #forgetFirst(): void {
    for (const gathered of this.#byCause.values()) {
      gathered.due?.()
      if (gathered.count > 0) this.#tell(gathered)
      this.#byCause.delete(gathered.context.cause)
      return
    }
  }

  #tell(gathered: Gathered): void {
    const { clock, log, listeners, policy, instance } = this.#parts
    const { context, count } = gathered
    const { cause, code, message: detail, flow, step, build } = context
    const conversations = [...gathered.conversations]
    gathered.count = 0
    gathered.conversations.clear()
    const where = `${flow}.${step}`
    const at = clock.nowMs()
    const said = { cause, code, detail, where, count, conversations, build, instance, at }
    const fields = { ...said, conversations: conversations.slice(0, 20) }
    log.error({ event: 'alarm', ...fields }, 'a person is needed')
    const failed: Failure = failure(code, detail)
    const [conversation = null] = conversations
    listeners.emit('alarm', { conversation, failure: failed, cause, count, conversations })
    const { url } = policy().alarm
    if (url !== null) void this.#send(url, { event: 'alarm', ...said }, TRIES_MS)
  }

  async #send(url: string, notice: AlarmNotice, triesMs: readonly number[]): Promise<void> {
    const { clock, log, sendAlarm } = this.#parts
    const limit = new AbortController()
    const cancel = clock.after(SEND_MS, () => limit.abort())
    try {
      await sendAlarm(url, notice, limit.signal)
    } catch {
      const [againMs, ...rest] = triesMs
      // The address may hold a secret, and so may what its client says of it.
      log.warn({ event: 'alarm.unsent', cause: notice.cause, againMs }, 'the webhook took no alarm')
      if (againMs !== undefined) clock.after(againMs, () => void this.#send(url, notice, rest))
    } finally {
      cancel()
    }
  }
}
