import * as O from 'fp-ts/lib/Option.js'
import type { SetAsideNote } from '../../conversation/decision.ts'
import { type Failure, failureOf } from '../../kernel/failure.ts'
import { whatWasThrown } from '../../kernel/thrown.ts'
import type { InboxRow, Loaded } from '../../store/conversation-store.ts'
import { type KeyRing, keyIdOf } from '../../store/seal.ts'
import { type RowPlace, readCallRow, readInboxRow, readReplyRow } from '../rows.ts'

/** A row that nobody can read any more. */
export interface SpoiltRow extends Omit<SetAsideNote, 'kind'> {
  readonly raw: string
}

/** The damaged rows beside a record; each is parked by the commit that leaves it behind. */
export interface SpoiltRows {
  /** Passed over where they stand, and not parked yet. */
  readonly replies: readonly SpoiltRow[]
  /** Taken from the inbox with what is taken around them. */
  readonly inbox: ReadonlyMap<InboxRow, SpoiltRow>
  /** By key: what became of such a call cannot be found out any more. */
  readonly calls: ReadonlyMap<string, SpoiltRow>
}

/** The usual case: every row can be read, or may be one day. */
export const NONE_SPOILT: SpoiltRows = { replies: [], inbox: new Map(), calls: new Map() }

/**
 * The rows that are damaged. One whole by its checksum whose secret does not open counts only where
 * its key has opened another secret of the conversation: else that is missing, and the row waits.
 */
export function spoiltRows(
  ring: KeyRing,
  place: RowPlace,
  { calls, inbox, undelivered }: Loaded,
  keysHere: ReadonlySet<string>
): SpoiltRows {
  if (calls.length + inbox.length + undelivered.length === 0) return NONE_SPOILT
  const tried = (what: SpoiltRow['what'], id: string, raw: string, read: () => unknown) => {
    const why = failedBy(read)
    const isLost = why !== null && (why.code !== 'CHP_SEAL_KEY_UNKNOWN' || isKeyHere(raw, keysHere))
    return isLost ? { what, id, raw, rule: why.detail } : null
  }
  const found: SpoiltRows = {
    replies: undelivered.flatMap(
      ({ sequence, row }) => tried('reply', String(sequence), row, () => readReplyRow(row)) ?? []
    ),
    inbox: new Map(
      inbox.flatMap(held => {
        const read = (): unknown => readInboxRow(ring, place, held.row)
        const spoilt = tried('inbox', '', held.row, read)
        return spoilt === null ? [] : [[held, spoilt] as const]
      })
    ),
    calls: new Map(
      calls.flatMap(({ key, row }) => {
        const spoilt = tried('call', key, row, () => readCallRow(ring, place, key, row))
        return spoilt === null ? [] : [[key, spoilt] as const]
      })
    )
  }
  const count = found.replies.length + found.inbox.size + found.calls.size
  return count === 0 ? NONE_SPOILT : found
}

/** True when a message waits, or a row that may be one: then its key is missing. */
export function hasMessage(
  ring: KeyRing,
  conversation: string,
  { fence, inbox }: Pick<Loaded, 'fence' | 'inbox'>,
  spoilt: Pick<SpoiltRows, 'inbox'>
): boolean {
  const place = { conversation, epoch: fence?.epoch ?? '' }
  const readable = inbox.filter(held => !spoilt.inbox.has(held))
  return readable.some(({ row }) => {
    const kind = O.tryCatch(() => readInboxRow(ring, place, row).kind)
    return O.isNone(kind) || kind.value === 'Inbound'
  })
}

/** The replies among them that no former commit has parked. */
export function notParkedYet(
  replies: readonly SpoiltRow[],
  parked: readonly string[]
): readonly SpoiltRow[] {
  return replies.filter(({ id }) => !parked.some(text => text.includes(`"row":"reply/${id}"`)))
}

/** The text under which such a row is parked: as it was found, and why. */
export function spoiltText({ what, id, rule, raw }: SpoiltRow, at: number): string {
  return JSON.stringify({ code: 'CHP_RECORD_CORRUPT', row: `${what}/${id}`, rule, at, raw })
}

export function spoiltNote({ what, id, rule }: SpoiltRow): SetAsideNote {
  return { kind: 'setAside', what, id, rule }
}

function failedBy(read: () => unknown): Pick<Failure, 'code' | 'detail'> | null {
  try {
    read()
    return null
  } catch (error) {
    const code = 'CHP_RECORD_CORRUPT'
    return failureOf(error) ?? { code, detail: `Reading it threw: ${whatWasThrown(error)}.` }
  }
}

const SEALED_INPUT = /"input":"([^"]*)"/

/** True when a text that this key has sealed was opened, so that another one must be damaged. */
function isKeyHere(raw: string, keysHere: ReadonlySet<string>): boolean {
  return keysHere.has(keyIdOf(SEALED_INPUT.exec(raw)?.[1] ?? raw))
}
