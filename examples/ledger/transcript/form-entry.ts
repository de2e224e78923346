import * as t from 'io-ts'
import { chosenShape, strictShape, textLike, wholeFrom } from './strict-shape.ts'

/** The id of an entry; a message is handed in under it. */
export const EntryId = textLike(
  'an id of 1 to 200 characters',
  text => text.length > 0 && text.length <= 200
)

const timed = { id: EntryId, at: wholeFrom(0) }
const sent = { from: t.string, redelivery: t.literal(true) }

const TextEntry = strictShape('a text', { ...timed, text: t.string }, sent)
const ButtonEntry = strictShape('a button', { ...timed, button: t.string, of: EntryId }, sent)
const ListEntry = strictShape('a list row', { ...timed, list: t.string, of: EntryId }, sent)
const UnsupportedEntry = strictShape('other content', { ...timed, unsupported: t.string }, sent)

const RestartEntry = strictShape('a restart', { ...timed, event: t.literal('restart') })
const DamageEntry = strictShape('a damage', {
  ...timed,
  event: t.keyof({ corruptLatestSnapshot: null, corruptAllSnapshots: null }),
  how: t.keyof({ truncatedJson: null, unknownStep: null }, '"truncatedJson" or "unknownStep"')
})
type LedgerDeed = t.TypeOf<typeof Withdraw> | t.TypeOf<typeof Add>
const Withdraw = strictShape('a withdrawal', { withdraw: t.string })
const Add = strictShape('offers to add', { add: t.readonlyArray(t.UnknownRecord, 'offers') })
const CoreEntry = strictShape('an event of the ledger', {
  ...timed,
  event: t.literal('core'),
  do: chosenShape<LedgerDeed>('{ withdraw } or { add }', input =>
    'withdraw' in input ? Withdraw : Add
  )
})

export type MessageEntry =
  | t.TypeOf<typeof TextEntry>
  | t.TypeOf<typeof ButtonEntry>
  | t.TypeOf<typeof ListEntry>
  | t.TypeOf<typeof UnsupportedEntry>
export type DamageEntry = t.TypeOf<typeof DamageEntry>
type EventEntry = t.TypeOf<typeof RestartEntry> | DamageEntry | t.TypeOf<typeof CoreEntry>

/** One thing that happens in a case: a member's message, or an event around the bot. */
export type Entry = MessageEntry | EventEntry

const byEvent: Readonly<Record<string, t.Decoder<unknown, EventEntry>>> = {
  restart: RestartEntry,
  corruptLatestSnapshot: DamageEntry,
  corruptAllSnapshots: DamageEntry,
  core: CoreEntry
}

export const Entry = chosenShape<Entry>('an entry', input => {
  if ('event' in input) {
    return byEvent[String(input['event'])] ?? 'event is no event of the form'
  }
  if ('text' in input) return TextEntry
  if ('button' in input) return ButtonEntry
  if ('list' in input) return ListEntry
  if ('unsupported' in input) return UnsupportedEntry
  return 'needs one of text, button, list, unsupported and event'
})
