import { crc32 } from 'node:zlib'
import { placeText } from '../../../lib/store/sealed-core.ts'
import type { DamageEntry } from './form-entry.ts'
import type { StoredTexts } from './store-home.ts'

type Kind = Pick<DamageEntry, 'event' | 'how'>

/** A step that no build knows. */
const UNKNOWN_STEP = 'noSuchStep'

/**
 * Damages what is stored of a conversation as a case asks for: every copy of the newest version, or
 * every copy of every version and the previous values in the history.
 */
export function damaged(conversation: string, { records, history }: StoredTexts, kind: Kind) {
  const all = kind.event === 'corruptAllSnapshots'
  const newest = Math.max(0, ...records.map(text => headOf(text)?.version ?? 0))
  const isHit = (version: number | undefined): boolean => all || version === newest
  const hit = (text: string): string =>
    isHit(headOf(text)?.version) ? damagedRecord(conversation, text, kind) : text
  return {
    records: records.map(hit),
    history: history.map(text => {
      const blank = text.indexOf(' ')
      const row: unknown = JSON.parse(text.slice(blank + 1))
      if (!isObject(row)) return text
      const full = typeof row['full'] === 'string' ? { full: hit(row['full']) } : {}
      const was = all && isObject(row['was']) ? { was: damagedValues(row['was'], kind) } : {}
      return `${text.slice(0, blank)} ${JSON.stringify({ ...row, ...full, ...was })}`
    })
  }
}

interface Head {
  readonly whole: string
  readonly schema: string
  readonly epoch: string
  readonly version: number
}

function headOf(text: string): Head | null {
  const [whole = '', layout, schema = '', epoch = '', version = ''] =
    /^(L\d\d) (\d+) (\S+) (\d+) [0-9a-f]{8}\n/.exec(text) ?? []
  return layout === undefined ? null : { whole, schema, epoch, version: Number(version) }
}

function damagedRecord(conversation: string, text: string, { how }: Kind): string {
  const head = headOf(text)
  if (head === null) return text
  const payload = text.slice(head.whole.length)
  // The checksum stays as it was.
  if (how === 'truncatedJson') return head.whole + payload.slice(0, payload.length >> 1)
  const record = parsed(payload)
  // What was cut before stays as it is: more damage mends nothing.
  if (!isObject(record) || !isObject(record['flow'])) return text
  const changed = JSON.stringify({ ...record, flow: { ...record['flow'], step: UNKNOWN_STEP } })
  const { schema, epoch, version } = head
  const sum = crc32(placeText({ conversation, epoch }))
  const checksum = crc32(`${changed}\n${version} ${schema}`, sum).toString(16).padStart(8, '0')
  return `${head.whole.slice(0, -9)}${checksum}\n${changed}`
}

/** Previous values, as useless as the records: cut, or naming a step that no build knows. */
function damagedValues(was: Readonly<Record<string, unknown>>, { how }: Kind): object {
  if (how === 'unknownStep') return 'flow.step' in was ? { ...was, 'flow.step': UNKNOWN_STEP } : was
  const cut = (value: unknown): string => {
    const text = JSON.stringify(value) ?? ''
    return text.slice(0, text.length >> 1)
  }
  return Object.fromEntries(Object.entries(was).map(([key, value]) => [key, cut(value)]))
}

function parsed(payload: string): unknown {
  try {
    return JSON.parse(payload)
  } catch (error) {
    return error instanceof SyntaxError ? null : error
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
