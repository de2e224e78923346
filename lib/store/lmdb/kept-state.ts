import { fail } from '../../kernel/failure.ts'
import { type Standing, standingText, tombstone } from '../standing.ts'

/** What is kept of a conversation beside its rows: one small text that every commit replaces. */
export interface KeptState {
  /** The standing as `standingText` spells it: the fence. */
  readonly standing: string
  readonly acknowledgedThrough: number
  /** The due time set, and the one a claim may have moved. */
  readonly dueMs: number | null
  readonly wakeMs: number | null
  /** Minute of the last activity. */
  readonly minute: number
  /** Version of the oldest history row that is kept; one row for each version since. */
  readonly historyFirst: number
  readonly parkedFirst: number
  readonly parkedNext: number
  /** When a tombstone goes; 0 for what lives. */
  readonly untilMs: number
  /** Minutes by which it stands in the lists of parked and held ones; null where it does not. */
  readonly parkedMinute: number | null
  readonly heldMinute: number | null
}

// A standing, then the fields of `stateText`, of which some may be empty.
const STANDING = /[^:|]*:\d+:[^:|]*:[01]:[ar](?::\d+){5}:[^:|]*/
const WHOLE = new RegExp(
  String.raw`^${STANDING.source}\|[^|]+(?:\|[^|]*){2}(?:\|[^|]+){5}(?:\|[^|]*){2}$`
)

/** The state of a conversation that nothing was committed to. */
export function freshState(epoch: string): KeptState {
  return stateOf(tombstone(epoch))
}

export function stateOf(standing: Standing): KeptState {
  return {
    standing: standingText(standing),
    acknowledgedThrough: 0,
    dueMs: null,
    wakeMs: null,
    minute: 0,
    historyFirst: 1,
    parkedFirst: 1,
    parkedNext: 1,
    untilMs: 0,
    parkedMinute: null,
    heldMinute: null
  }
}

export function stateText(state: KeptState): string {
  return [
    state.standing,
    state.acknowledgedThrough,
    state.dueMs ?? '',
    state.wakeMs ?? '',
    state.minute,
    state.historyFirst,
    state.parkedFirst,
    state.parkedNext,
    state.untilMs,
    state.parkedMinute ?? '',
    state.heldMinute ?? ''
  ].join('|')
}

/** What `stateText` was made from; fails with CHP_RECORD_CORRUPT for any other text. */
export function readState(text: string): KeptState {
  const state = WHOLE.test(text) ? parsed(text) : null
  if (state === null || !Object.values(state).every(isSound)) {
    return fail('CHP_RECORD_CORRUPT', 'The stored state of the conversation does not parse.')
  }
  return state
}

function isSound(value: string | number | null): boolean {
  return typeof value !== 'number' || Number.isFinite(value)
}

function parsed(text: string): KeptState {
  const [standing = '', ...rest] = text.split('|')
  const [acknowledged, due, wake, minute, history, parkedFirst, parkedNext, until] = rest
  const [parkedMinute = '', heldMinute = ''] = rest.slice(8)
  return {
    standing,
    acknowledgedThrough: Number(acknowledged),
    dueMs: due === '' ? null : Number(due),
    wakeMs: wake === '' ? null : Number(wake),
    minute: Number(minute),
    historyFirst: Number(history),
    parkedFirst: Number(parkedFirst),
    parkedNext: Number(parkedNext),
    untilMs: Number(until),
    parkedMinute: parkedMinute === '' ? null : Number(parkedMinute),
    heldMinute: heldMinute === '' ? null : Number(heldMinute)
  }
}
