import type { Forget, Remind } from './action.ts'

/** What a reminder is told. */
export interface Reminder {
  /** Unique in the conversation: a second reminder of this id takes the place of the first. */
  readonly id: string
  /** Store time, in ms: `view.nowMs` and a span. */
  readonly atMs: number
  /** An entry of the bot's `on`, which says the words. */
  readonly event: string
  /** What that entry is given; plain data that fits its codec. Default none. */
  readonly data?: unknown
}

/**
 * Says something later, unless it is forgotten before: an action that stands before a move.
 *
 * The reminder is part of the commit; it outlives the flow and the session, comes at its time or
 * later and never earlier, and is said once. While a quiet step or a person has the conversation it
 * waits. A conversation has at most 16.
 *
 * @example
 * next: view => [
 *   remindAt({ id: 'pay', atMs: view.nowMs + 3_600_000, event: 'unpaid', data: { no: 7 } }),
 *   end(text('done'))
 * ]
 */
export function remindAt({ id, atMs, event, data = null }: Reminder): Remind {
  return Object.freeze({ kind: 'remind', id, atMs, event, data })
}

/** Calls a reminder off; one that is not set is none. */
export function forget(id: string): Forget {
  return Object.freeze({ kind: 'forget', id })
}
