import type { AuditNote } from '../conversation/decision.ts'
import type { ConversationRecord } from '../conversation/record.ts'
import { Secret } from '../kernel/secret.ts'

/** One line of a conversation's history, as it stands in the store after its head. */
export interface HistoryEntry extends Changed {
  readonly version: number
  readonly at: number
  /** The bot's schema that `was` is written in. */
  readonly schema: number
  /** Every event this commit took, in order. */
  readonly causes: readonly { readonly kind: string; readonly id: string }[]
  readonly from: string
  readonly to: string
  readonly notes: readonly AuditNote[]
  /** The whole record as stored, on every fifth version and on each change of stage. */
  readonly full?: string
}

/** What one commit changed, so that the record before it can be told from the one after it. */
export interface Changed {
  /** Previous values of changed fields, one level into core and flow; secrets are redacted. */
  readonly was: Readonly<Record<string, unknown>>
  /** Fields there were none of before. */
  readonly gained?: readonly string[]
  /** Pointers to the secrets that are others now: their values do not tell. */
  readonly secrets?: readonly string[]
}

/** The text of a history row. */
export function historyRow(entry: HistoryEntry): string {
  return JSON.stringify(entry)
}

/** The text of the row of an event that waits; the store knows its version, we do not. */
export function deferredRow(
  { kind, id }: { readonly kind: string; readonly id: string },
  why: string,
  at: number
): string {
  return JSON.stringify({ deferred: { kind, id }, why, at })
}

/** What a turn changed; parts that kept their identity cost nothing. */
export function changed(before: ConversationRecord | null, after: ConversationRecord): Changed {
  const was: Record<string, unknown> = {}
  if (before === null) return { was }
  const gained: string[] = []
  const secrets: string[] = []
  differing(was, gained, 'core', before.core, after.core)
  differing(was, gained, 'flow', before.flow, after.flow)
  if (before.calls !== after.calls) was['calls'] = before.calls
  if (before.core !== after.core) replaced(secrets, '/core', before.core, after.core)
  return {
    was,
    ...(gained.length > 0 ? { gained } : {}),
    ...(secrets.length > 0 ? { secrets } : {})
  }
}

function differing(
  was: Record<string, unknown>,
  gained: string[],
  part: string,
  before: object,
  after: object
): void {
  if (before === after) return
  const now = after as Record<string, unknown>
  for (const [key, value] of Object.entries(before)) {
    if (value !== now[key]) was[`${part}.${key}`] = value
  }
  for (const key of Object.keys(after)) {
    if (!Object.hasOwn(before, key)) gained.push(`${part}.${key}`)
  }
}

/** Collects where one secret stands in the place of another, as JSON pointers. */
function replaced(found: string[], at: string, before: unknown, after: unknown): void {
  if (before === after) return
  if (after instanceof Secret) {
    if (!(before instanceof Secret && before.equals(after))) found.push(at)
    return
  }
  if (typeof after !== 'object' || after === null) return
  const old = typeof before === 'object' && before !== null ? before : {}
  for (const [key, value] of Object.entries(after)) {
    const step = key.replaceAll('~', '~0').replaceAll('/', '~1')
    replaced(found, `${at}/${step}`, Reflect.get(old, key), value)
  }
}
