import { crc32 } from 'node:zlib'
import type { StoredTexts } from '../../examples/ledger/transcript/store-home.ts'
import { placeText } from '../../lib/store/sealed-core.ts'

const HEADER = /^L(\d\d) (\d+) (\S+) (\d+) ([0-9a-f]{8})\n/

/** A stored record as header fields and payload. */
export interface RecordText {
  readonly layout: string
  readonly schema: string
  readonly epoch: string
  readonly version: string
  readonly payload: string
}

/** The parts of a stored record. */
export function recordText(text: string): RecordText {
  const [whole = '', layout = '', schema = '', epoch = '', version = ''] = HEADER.exec(text) ?? []
  return { layout, schema, epoch, version, payload: text.slice(whole.length) }
}

/** A stored record of these parts, whole by its checksum. */
export function wholeRecord(conversation: string, parts: RecordText): string {
  const { layout, schema, epoch, version, payload } = parts
  const sum = crc32(placeText({ conversation, epoch }))
  const crc = crc32(`${payload}\n${version} ${schema}`, sum).toString(16).padStart(8, '0')
  return `L${layout} ${schema} ${epoch} ${version} ${crc}\n${payload}`
}

/** A stored record with its payload changed, whole by its checksum. */
export function rewrittenRecord(
  conversation: string,
  text: string,
  change: (payload: string) => string
): string {
  const parts = recordText(text)
  return wholeRecord(conversation, { ...parts, payload: change(parts.payload) })
}

/** Every record cut so early that no core is left. */
export function cutBeforeCore({ records, history }: StoredTexts): StoredTexts {
  const cut = (text: string): string => text.slice(0, text.indexOf('\n') + 12)
  return {
    records: records.map(cut),
    history: history.map(text => {
      const blank = text.indexOf(' ')
      const row = JSON.parse(text.slice(blank + 1)) as { full?: string }
      return `${text.slice(0, blank)} ${JSON.stringify(
        row.full === undefined ? row : { ...row, full: cut(row.full) }
      )}`
    })
  }
}

/** The newest record with a text in it replaced, by its checksum as it was. */
export function newestChanged(stored: StoredTexts, from: string, to: string): StoredTexts {
  const versionOf = (text: string): number => Number(text.split(' ')[3])
  const newest = Math.max(...stored.records.map(versionOf))
  const records = stored.records.map(text =>
    versionOf(text) === newest ? text.replace(from, to) : text
  )
  return { ...stored, records }
}
