import { createPatch, type Operation, Pointer } from 'rfc6902'
import { type Chronicle, chronicleOf } from './chronicle.ts'
import { conversationOf, type Desk, type Refusal, unknownConversation, type Who } from './desk.ts'
import { type PastRecord, rebuilt } from './rebuild.ts'

/** What two versions of a conversation differ in. */
export interface VersionDiff {
  readonly tag: 'diff'
  readonly conversation: string
  readonly from: number
  readonly to: number
  /**
   * A JSON patch (RFC 6902) over `schema`, `core`, `flow` and `calls` of the record. A secret that
   * is another one now is replaced by `[redacted]`.
   */
  readonly patch: readonly Operation[]
}

/** Lists longer than this are replaced whole: to align them costs the square of their length. */
const LIST_MOST = 200
const REDACTED = '[redacted]'

/** Compares two versions; see `Operator.diff`. */
export async function diff(
  desk: Desk,
  who: Who,
  from: number,
  to: number
): Promise<VersionDiff | Refusal> {
  const conversation = await conversationOf(desk, who)
  const chronicle = await chronicleOf(desk.store, conversation)
  if (chronicle === null) return unknownConversation(conversation)
  const before = rebuilt(desk, chronicle, from)
  if (before.tag === 'refused') return before
  const after = rebuilt(desk, chronicle, to)
  if (after.tag === 'refused') return after
  const patch = patchOf(comparable(before.record), comparable(after.record))
  const secrets = secretsBetween(chronicle, from, to)
    .filter(path => isRedacted(before.record, path) && isRedacted(after.record, path))
    .map(path => ({ op: 'replace', path, value: REDACTED }) as const)
  return { tag: 'diff', conversation, from, to, patch: [...patch, ...secrets] }
}

/** The parts that the history keeps of every version. */
function comparable({ schema, core, flow, calls }: PastRecord): object {
  return { schema, core, flow, calls }
}

function patchOf(before: object, after: object): readonly Operation[] {
  return createPatch(before, after, (input: unknown, output: unknown, pointer: Pointer) => {
    if (!Array.isArray(input) || !Array.isArray(output)) return undefined
    if (input.length <= LIST_MOST && output.length <= LIST_MOST) return undefined
    if (JSON.stringify(input) === JSON.stringify(output)) return []
    return [{ op: 'replace', path: pointer.toString(), value: output }]
  })
}

/** Pointers to the secrets that were replaced between two versions, whichever comes first. */
function secretsBetween({ rows }: Chronicle, one: number, other: number): readonly string[] {
  const [low, high] = one < other ? [one, other] : [other, one]
  const passed = rows.flatMap(row =>
    row.tag === 'commit' && row.version > low && row.version <= high ? (row.row.secrets ?? []) : []
  )
  return [...new Set(passed)]
}

function isRedacted(record: PastRecord, path: string): boolean {
  return Pointer.fromJSON(path).get(record) === REDACTED
}
