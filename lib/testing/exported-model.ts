import type { Exported, Rewrite } from '../store/conversation-store.ts'
import { type KeptConversation, loaded } from './kept-conversation.ts'

/** All that the model keeps of a conversation. */
export function exportedOf(kept: KeptConversation | undefined): Exported {
  const { nowMs, ...rest } = loaded(kept, 0)
  void nowMs
  return {
    ...rest,
    slots: slotsOf(kept),
    history: (kept?.history ?? []).toReversed(),
    parked: [...(kept?.parked ?? [])],
    aliases: [...(kept?.aliases ?? [])],
    wakeMs: kept?.wakeMs ?? null,
    listed: {
      index: kept === undefined || kept.version === 0 ? null : kept.activeMinute,
      parked: kept?.parkedMinute ?? null,
      held: kept?.heldMinute ?? null
    },
    seen: seenBy(kept),
    rest: {}
  }
}

/** Raw texts of the records, the newest first. */
export function slotsOf(kept: KeptConversation | undefined): readonly string[] {
  return [kept?.current?.text ?? null, kept?.atRest ?? null].filter(text => text !== null)
}

/** Puts texts in the place of others that mean the same. */
export function applyRewrite(kept: KeptConversation, rows: Rewrite): void {
  const [current, older] = kept.current === null ? [null, rows.slots[0]] : rows.slots
  if (kept.current !== null) kept.current = { ...kept.current, text: current ?? kept.current.text }
  if (kept.atRest !== null) kept.atRest = older ?? kept.atRest
  for (const { key, row } of rows.calls) if (kept.calls.has(key)) kept.calls.set(key, row)
  kept.inbox = kept.inbox.map((kept, at) => ({ ...kept, row: rows.inbox[at] ?? kept.row }))
  const newest = kept.history.length - 1
  kept.history = kept.history.map((kept, at) => ({
    ...kept,
    row: rows.history[newest - at] ?? kept.row
  }))
  kept.parked = kept.parked.map((kept, at) => rows.parked[at] ?? kept)
  if (rows.unlistParked === true) kept.parkedMinute = null
}

function seenBy(kept: KeptConversation | undefined): readonly string[] {
  const buckets = Array.from(kept?.window ?? []).toSorted(([one], [other]) => one - other)
  return buckets.flatMap(([, bucket]) =>
    bucket.map(
      ({ print, second, version }) => print + digits(second, 8) + digits(version & 0xffff, 4)
    )
  )
}

function digits(number: number, count: number): string {
  return number.toString(16).padStart(count, '0')
}
