import { hash } from 'node:crypto'
import type { ConversationRecord } from '../conversation/record.ts'
import type { Clock } from '../kernel/clock.ts'
import { whatWasThrown } from '../kernel/thrown.ts'
import { derivedSecret } from '../store/identity.ts'

/** Form of the lines; a checker refuses any other. */
export const EVENT_LOG_LAYOUT = 1

/** What a line tells of: all that a process writes. */
export const EVENT_KINDS = [
  'start',
  'recv',
  'acked',
  'shed',
  'load',
  'handler.start',
  'handler.end',
  'commit.try',
  'commit.ok',
  'commit.dup',
  'commit.conflict',
  'commit.refused',
  'commit.unknown',
  'out.offer',
  'out.took',
  'out.unkept',
  'out.mark',
  'effect.try',
  'effect.result',
  'timer.fire',
  'dead',
  'restart',
  'rollback',
  'escalated'
] as const

export type EventKind = (typeof EVENT_KINDS)[number]

/** What is told, beside what every line bears. Texts of members stand in no field. */
export interface EventFields {
  /** Form of the lines; only on the first line of a process. */
  readonly layout?: number
  readonly conv?: string
  readonly epoch?: string
  /** Id of the event, or name of the call. */
  readonly id?: string
  readonly ver?: number
  /** Head of a commit, key of a reply or of a call, nonce of a decision. */
  readonly key?: string
  /** Keyed digest of a state, a reply or an input; the same for all processes of a store. */
  readonly digest?: string
  readonly outcome?: string
  /** Head of the commit this one was decided on. */
  readonly parent?: string | null
  /** Outside and inner events that this commit decided, as `kind id`. */
  readonly took?: readonly string[]
  /** The outside event that this commit put into the inbox. */
  readonly defers?: string
  /** Id of the given up event that this commit lets run again; it waits in the inbox. */
  readonly redrives?: string
  /** Key of the parked reply that this commit makes owed again; it is its only reply. */
  readonly resends?: string
  /** Keys of the replies that it parks: their channel will never take them. */
  readonly refused?: readonly string[]
  /** Time (store's, ms) and digest of each reply of this commit. */
  readonly out?: readonly (readonly [at: number, digest: string])[]
  /** Sequence number of the first reply of this commit. */
  readonly first?: number
  readonly opens?: string
  readonly closes?: readonly string[]
  /** Timers that are set after this commit, as `id@due`. */
  readonly timers?: readonly string[]
  /** Longest that an offer may take, in ms. */
  readonly limitMs?: number
  /** Replies acknowledged so far. */
  readonly through?: number
  /** A call is attached to the flow after this commit, or an operator holds it: arrivals wait. */
  readonly waits?: boolean
  /** An operator or the policy holds the conversation after this commit. */
  readonly held?: boolean
  /** The policy holds it with this commit, for failures of this cause; what failed waits. */
  readonly heldFor?: string
  /** It begins a call that changes something outside. */
  readonly effect?: boolean
  /** The version whose state this commit went back to, by an operator or after damage. */
  readonly from?: number
  /** An operator wanted that across effects. */
  readonly across?: boolean
  /** The prompt that is open after this commit. */
  readonly prompt?: string
  /** Nothing is sent to this conversation: receipts carry its replies. */
  readonly byReceipt?: boolean
  /** Digests of the replies that a receipt carries, where nothing is sent. */
  readonly gave?: readonly string[]
  /** The decided events were given up: this is no decision of the bot's. */
  readonly parks?: boolean
  /** They were given up without a reset: the state is as it was before them. */
  readonly asItWas?: boolean
  /** The record was brought to this schema, which is not the one it had. */
  readonly migrated?: number
  /** The state before was damaged. */
  readonly recovers?: boolean
}

/**
 * Writes what this process does, one JSON line an event, for `checkEventLog` of
 * `chaperone/testing`.
 *
 * `seq` counts the lines of the process, `mono` is its monotonic clock in ms, `wall` its wall
 * clock, `proc` its name with a nonce. Whoever takes the lines must not throw.
 */
export class EventLog {
  readonly #write: (line: string) => void
  readonly #clock: Pick<Clock, 'nowMs' | 'monotonicMs'>
  readonly #proc: string
  readonly #secret: string
  readonly #onThrow: (why: string) => void
  #seq = 0

  constructor({
    write,
    clock,
    process,
    idKey,
    onThrow
  }: {
    readonly write: (line: string) => void
    readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs'>
    readonly process: string
    readonly idKey: Uint8Array
    readonly onThrow: (why: string) => void
  }) {
    this.#write = write
    this.#clock = clock
    this.#proc = process
    this.#secret = Buffer.from(derivedSecret(idKey, 'event-log')).toString('base64url')
    this.#onThrow = onThrow
  }

  tell(kind: EventKind, fields: EventFields = {}): void {
    this.#seq += 1
    const mono = Math.round(this.#clock.monotonicMs() * 1000) / 1000
    const wall = this.#clock.nowMs()
    try {
      this.#write(JSON.stringify({ seq: this.#seq, mono, wall, proc: this.#proc, kind, ...fields }))
    } catch (error) {
      this.#onThrow(whatWasThrown(error))
    }
  }

  /** Digest of a value, whatever the order of its keys; secrets count as redacted. */
  digest(value: unknown): string {
    const text = canonical(value) ?? 'null'
    return hash('sha256', `${this.#secret}${text}`, 'base64url').slice(0, 12)
  }
}

/** What a state is known by: all but the core, whose secrets are sealed, and who wrote it when. */
export function comparable({
  flow,
  calls,
  timers,
  session
}: Pick<ConversationRecord, 'flow' | 'calls' | 'timers' | 'session'>): unknown {
  return { flow, calls, timers, session }
}

/** JSON with its keys in order; undefined for what JSON leaves out. */
function canonical(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    return canonical(value.toJSON() as unknown)
  }
  if (Array.isArray(value)) return `[${value.map(item => canonical(item) ?? 'null').join(',')}]`
  let text = ''
  for (const key of Object.keys(value).sort()) {
    const inner = canonical(Reflect.get(value, key))
    if (inner !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${inner}`
  }
  return `{${text}}`
}
