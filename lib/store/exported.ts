import { inboxRowOf } from './commit-plan.ts'
import { BOUNDS, type Exported, type HistoryRow } from './conversation-store.ts'
import { callKeyOf, fenceOf, isAlias, readStanding, replyField } from './standing.ts'

/** What a store found under the name of a conversation. */
export interface FoundParts extends Pick<Exported, 'parked' | 'wakeMs' | 'listed' | 'dueMs'> {
  readonly standing: string | null
  /** Those acknowledged by themselves; what the standing says comes on top. */
  readonly acknowledgedThrough: number
  readonly minute: number
  /** Ids, parted by commas. */
  readonly aliases: string
  /** The id an alias leads to, a colon, an epoch. */
  readonly leadsTo: string | null
  /** The tombstone beneath an alias: it shows when nothing leads elsewhere any more. */
  readonly beneath: string | null
  /** Records, replies, inbox rows, calls, buckets by field name; what is left is `rest`. */
  readonly fields: Map<string, string>
  /** The newest first. */
  readonly history: readonly HistoryRow[]
}

/** Sorts what was found into what it is; nothing that was found is left out. */
export function exportedFrom(found: FoundParts): Exported {
  const { fields, dueMs, minute, history, parked, wakeMs, listed, leadsTo } = found
  const standing = found.standing === null ? null : readStanding(found.standing)
  const taken = (name: string): string | null => {
    const text = fields.get(name) ?? null
    fields.delete(name)
    return text
  }
  // Who sends now is nothing that is known of a member.
  fields.delete('w')
  const texts = (names: readonly string[]): readonly string[] =>
    names.map(name => taken(name) ?? '')
  const { slot = 0, inFirst = 1, inNext = 1, outBase = 1, outNext = 1 } = standing ?? {}
  const { effectAt = 0, calls = [] } = standing ?? {}
  const through = Math.max(found.acknowledgedThrough, outBase - 1)
  const sequences = numbers(through + 1, outNext)
  const replies = standing === null ? [] : sequences.map(at => replyField(standing, at))
  const slots = [taken(`r${slot}`), taken(`r${1 - slot}`)]
  const undelivered = texts(replies)
  const seen = texts(numbers(0, BOUNDS.dedupeBuckets).map(number => `d${number}`))
  const isThere = standing !== null && !isAlias(standing)
  return {
    fence: isThere ? fenceOf(standing, { dueMs, minute }) : null,
    record: slots[0] ?? null,
    effectAt,
    calls: texts(calls.map(call => `c${call}`)).map((row, at) => ({
      key: callKeyOf(calls[at]!),
      row
    })),
    inbox: texts(numbers(inFirst, inNext).map(at => `i${at}`)).map(inboxRowOf),
    undelivered: undelivered.map((row, at) => ({ sequence: sequences[at]!, row })),
    acknowledgedThrough: through,
    dueMs,
    newestHead: history[0]?.head ?? null,
    aliasOf: leadsTo?.split(':', 1)[0] ?? null,
    slots: slots.filter(text => text !== null),
    history,
    parked,
    aliases: found.aliases === '' ? [] : found.aliases.split(','),
    wakeMs,
    listed,
    seen: seen.flatMap(entriesOf),
    rest: Object.fromEntries(fields)
  }
}

const ENTRY_DIGITS = 28

function entriesOf(bucket: string): readonly string[] {
  return numbers(0, bucket.length / ENTRY_DIGITS).map(at =>
    bucket.slice(at * ENTRY_DIGITS, (at + 1) * ENTRY_DIGITS)
  )
}

function numbers(first: number, end: number): readonly number[] {
  return Array.from({ length: Math.max(0, Math.ceil(end - first)) }, (_, at) => first + at)
}
