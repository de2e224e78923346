import type { AuditNote } from '../conversation/decision.ts'
import type { ConversationRecord } from '../conversation/record.ts'

/** One line of a conversation's history, as it stands in the store after its head. */
export interface HistoryEntry {
  readonly version: number
  readonly at: number
  /** Every event this commit took, in order. */
  readonly causes: readonly { readonly kind: string; readonly id: string }[]
  readonly from: string
  readonly to: string
  /** Previous values of changed fields, one level into core and flow; secrets are redacted. */
  readonly was: Readonly<Record<string, unknown>>
  readonly notes: readonly AuditNote[]
  /** The whole record as stored, on every fifth version and on each change of stage. */
  readonly full?: string
}

/** The text of a history row. */
export function historyRow(entry: HistoryEntry): string {
  return JSON.stringify(entry)
}

/** Previous values of what a turn changed; parts that kept their identity cost nothing. */
export function changed(
  before: ConversationRecord | null,
  after: ConversationRecord
): Record<string, unknown> {
  const was: Record<string, unknown> = {}
  if (before === null) return was
  differing(was, 'core', before.core, after.core)
  differing(was, 'flow', before.flow, after.flow)
  return was
}

function differing(
  was: Record<string, unknown>,
  part: string,
  before: object,
  after: object
): void {
  if (before === after) return
  const now = after as Record<string, unknown>
  for (const [key, value] of Object.entries(before)) {
    if (value !== now[key]) was[`${part}.${key}`] = value
  }
}
