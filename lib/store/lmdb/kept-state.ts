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

export function readState(text: string): KeptState {
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
