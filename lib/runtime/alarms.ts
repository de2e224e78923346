import type { Cancel, Clock } from '../kernel/clock.ts'
import { type Failure, failure } from '../kernel/failure.ts'
import { LimitedRuns } from '../kernel/limited-runs.ts'
import type { Log } from '../kernel/log.ts'
import { Pauses } from '../kernel/pauses.ts'
import type { Policy } from '../supervision/policy.ts'
import type { FailureContext } from './failure-context.ts'
import type { Listeners } from './trace.ts'

/** What a person is told of one cause, all its occurrences in one. */
export interface AlarmNotice {
  readonly event: 'alarm'
  readonly cause: string
  readonly code: string
  readonly detail: string
  /** `FLOW.step` where it was met, or the part of the runtime. */
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

/** What needs a person and is no failure of the bot. */
export interface Notice {
  readonly failure: Failure
  /** Null where it is met by all of them. */
  readonly conversation: string | null
  /** The part of the runtime that says so. */
  readonly where: string
  /** Keeps apart what has one code in one place, and several reasons. */
  readonly why?: string
  /** It is noticed once for as long as it lasts: the next is another one, told soon again. */
  readonly isLasting?: boolean
}

/** Where the parts of the runtime say what needs a person. */
export type Notices = Pick<Alarms, 'notice'>

type Cause = Pick<AlarmNotice, 'cause' | 'detail' | 'where' | 'build'> & Pick<Failure, 'code'>

/** Occurrences of a cause that no person was told of yet. */
interface Gathered {
  readonly said: Cause
  /** Listeners hear of what it is at once, each time. */
  readonly isHeard: boolean
  readonly isLasting: boolean
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
  readonly build: string
  readonly sendAlarm: SendAlarm
}

const CONVERSATIONS_MOST = 500
/** Causes kept apart; beyond it the one that was met first is told at once, and forgotten. */
const CAUSES_MOST = 1_000
/** An outage that follows upon another is told after so long at least. */
const NEXT_MS = 300_000
/** How long one try may take. */
const SEND_MS = 5_000
/** Pauses after the first, the second and the third try. */
const PAUSES_MS = [1_000, 10_000, null] as const
/** Notices on their way to the webhook; beyond it one is in the log alone. */
const SENDS_MOST = 1_000

/**
 * Escalations end at a person: by the log, by `runtime.on('alarm')` and by the webhook of the
 * policy. Occurrences of one cause are gathered first, and one that was told is only counted for a
 * while, so that a bug met by 500 conversations is one alarm.
 */
export class Alarms {
  readonly #parts: AlarmParts
  readonly #byCause = new Map<string, Gathered>()
  readonly #sends = new Set<Promise<void>>()
  readonly #pauses: Pauses
  readonly #tries: LimitedRuns
  /** When a stop waits no longer, on the monotonic clock. */
  #stopAtMs = Number.POSITIVE_INFINITY

  constructor(parts: AlarmParts) {
    this.#parts = parts
    this.#pauses = new Pauses(parts.clock)
    this.#tries = new LimitedRuns(parts.clock)
  }

  /** Notes one occurrence; a person is told soon, once. */
  raise({ cause, code, message, flow, step, build, conversation }: FailureContext): void {
    const said = { cause, code, detail: message, where: `${flow}.${step}`, build }
    this.#gather(said, conversation, { isHeard: false, isLasting: false })
  }

  /**
   * The same for what is no failure of the bot. Listeners hear of it at once; in the log and at the
   * webhook its occurrences are one alarm.
   */
  notice({ failure: failed, conversation, where, why, isLasting = false }: Notice): void {
    this.#parts.listeners.emit('alarm', { conversation, failure: failed })
    const { code, detail } = failed
    const cause = why === undefined ? `${code} ${where}` : `${code} ${where}: ${why}`
    const said = { cause, code, detail, where, build: this.#parts.build }
    this.#gather(said, conversation, { isHeard: true, isLasting })
  }

  /** Tells at once whatever still waits: the process will end. */
  hasten(): void {
    for (const gathered of this.#byCause.values()) {
      gathered.due?.()
      if (gathered.count > 0) this.#tell(gathered)
    }
    this.#byCause.clear()
    this.#pauses.end()
  }

  /** The same, and waits until the webhook has taken what it is told, or until its time is over. */
  async stop(withinMs: number): Promise<void> {
    const { clock } = this.#parts
    this.#stopAtMs = clock.monotonicMs() + withinMs
    this.hasten()
    const cancel = clock.after(withinMs, () => this.#tries.end())
    await Promise.all(this.#sends)
    cancel()
  }

  #gather(
    said: Cause,
    conversation: string | null,
    how: Pick<Gathered, 'isHeard' | 'isLasting'>
  ): void {
    const known = this.#byCause.get(said.cause)
    const gathered = known ?? { said, ...how, conversations: new Set(), count: 0, due: null }
    gathered.count += 1
    if (conversation !== null && gathered.conversations.size < CONVERSATIONS_MOST) {
      gathered.conversations.add(conversation)
    }
    if (known !== undefined) return
    if (this.#byCause.size >= CAUSES_MOST) this.#forgetFirst()
    this.#byCause.set(said.cause, gathered)
    this.#later(gathered, this.#parts.policy().alarm.gatherMs)
  }

  #later(gathered: Gathered, delayMs: number): void {
    gathered.due = this.#parts.clock.after(delayMs, () => this.#look(gathered))
  }

  #look(gathered: Gathered): void {
    gathered.due = null
    if (gathered.count === 0) {
      this.#byCause.delete(gathered.said.cause)
      return
    }
    this.#tell(gathered)
    const { repeatMs } = this.#parts.policy().alarm
    this.#later(gathered, gathered.isLasting ? Math.min(repeatMs, NEXT_MS) : repeatMs)
  }

  #forgetFirst(): void {
    for (const gathered of this.#byCause.values()) {
      gathered.due?.()
      if (gathered.count > 0) this.#tell(gathered)
      this.#byCause.delete(gathered.said.cause)
      return
    }
  }

  #tell(gathered: Gathered): void {
    const { clock, log, listeners, policy, instance } = this.#parts
    const { said: what, count, isHeard } = gathered
    const { cause, code, detail } = what
    const conversations = [...gathered.conversations]
    gathered.count = 0
    gathered.conversations.clear()
    const said = { ...what, count, conversations, instance, at: clock.nowMs() }
    const fields = { ...said, conversations: conversations.slice(0, 20) }
    log.error({ event: 'alarm', ...fields }, 'a person is needed')
    const failed: Failure = failure(code, detail)
    const [conversation = null] = conversations
    if (!isHeard)
      listeners.emit('alarm', { conversation, failure: failed, cause, count, conversations })
    const { url } = policy().alarm
    if (url !== null) this.#post(url, { event: 'alarm', ...said })
  }

  #post(url: string, notice: AlarmNotice): void {
    if (this.#sends.size >= SENDS_MOST) return this.#unsent(notice, null)
    const sent = this.#send(url, notice).finally(() => this.#sends.delete(sent))
    this.#sends.add(sent)
  }

  async #send(url: string, notice: AlarmNotice): Promise<void> {
    for (const pauseMs of PAUSES_MS) {
      if (await this.#isTaken(url, notice)) return
      const isOver = this.#parts.clock.monotonicMs() + (pauseMs ?? 0) >= this.#stopAtMs
      const againMs = isOver ? null : pauseMs
      this.#unsent(notice, againMs)
      if (againMs === null) return
      await this.#pauses.pause(againMs)
    }
  }

  /** True when it was taken in time, also by a webhook client that does not heed its signal. */
  async #isTaken(url: string, notice: AlarmNotice): Promise<boolean> {
    const isSent = async (signal: AbortSignal): Promise<boolean> => {
      await this.#parts.sendAlarm(url, notice, signal)
      return true
    }
    try {
      return await this.#tries.run(SEND_MS, isSent, false)
    } catch {
      return false
    }
  }

  // The address may hold a secret, and so may what its client says of it.
  #unsent({ cause }: AlarmNotice, againMs: number | null): void {
    const fields = { event: 'alarm.unsent', cause, againMs }
    this.#parts.log.warn(fields, 'the webhook took no alarm')
  }
}
