import type { Address } from '../conversation/address.ts'
import type { ConversationRecord } from '../conversation/record.ts'
import { Reply } from '../conversation/reply.ts'
import { fail } from '../kernel/failure.ts'
import { unplainPath } from '../kernel/plain-data.ts'
import type { Undelivered } from './memory.ts'
import type { Parts } from './parts.ts'
import type { Plan } from './planned.ts'
import { replyRow } from './rows.ts'

/**
 * Refuses a state that could not be read again: outside its codecs, no plain data, more calls than
 * a conversation may have.
 *
 * Fails with `CHP_DECISION_INVALID`, naming the place in the dialogue and in the record.
 */
export function checkRecord(
  parts: Pick<Parts, 'program' | 'limits'>,
  before: ConversationRecord | null,
  record: ConversationRecord
): void {
  const { program, limits } = parts
  const why = program.record.is(record)
    ? (program.invalid(record) ?? unstorable(before, record) ?? tooManyCalls(record, limits.calls))
    : 'it does not fit the codec of the record'
  if (why === null) return
  fail('CHP_DECISION_INVALID', `The state decided at ${whereIn(parts, record)} is refused: ${why}.`)
}

const WITH_SECRETS = { secrets: true } as const

// A part that kept its identity was looked at when it was written.
function unstorable(before: ConversationRecord | null, record: ConversationRecord): string | null {
  const known = before as Readonly<Record<string, unknown>> | null
  for (const part of Object.keys(record)) {
    const value: unknown = record[part as keyof ConversationRecord]
    if (known?.[part] === value) continue
    const path = unplainPath(value, part === 'core' ? WITH_SECRETS : undefined)
    if (path !== null) return `it holds no plain data at ${part}, ${path}`
  }
  return null
}

function tooManyCalls({ calls }: ConversationRecord, most: number): string | null {
  // What may have been done is not under way: it must not keep the next call from being made.
  const open = calls.filter(({ unresolved }) => unresolved === undefined).length
  if (open > most) return `it has ${open} open calls`
  return calls.filter(({ attached }) => attached).length > 1 ? 'two calls are attached' : null
}

/**
 * The rows of the replies of a plan.
 *
 * Fails with `CHP_REPLY_UNFIT` for a reply that is none, is too large, or can never be sent by the
 * channel, and with `CHP_DECISION_INVALID` when one decision brings too many.
 */
export function replyRows(
  parts: Parts,
  { channel: name }: Address,
  { steps, next }: Plan,
  replies: readonly Omit<Undelivered, 'sequence' | 'row'>[]
): readonly string[] {
  const { repliesPerDecision, replyBytes } = parts.limits
  const channel = parts.channel(name)
  const where = (): string => whereIn(parts, next)
  const many = steps.find(step => step.replies.length > repliesPerDecision)
  if (many !== undefined) {
    fail('CHP_DECISION_INVALID', `${where()} brings ${many.replies.length} replies in one turn.`)
  }
  return replies.map(owed => {
    const { reply } = owed
    const why = Reply.is(reply) ? (channel?.unfit(reply) ?? null) : 'it fits no kind of reply'
    if (why !== null) fail('CHP_REPLY_UNFIT', `A reply of ${where()} cannot be sent: ${why}.`)
    const row = replyRow(owed)
    const bytes = Buffer.byteLength(row)
    // One that is owed again was small enough without its key.
    if (bytes <= replyBytes || owed.key !== undefined) return row
    return fail('CHP_REPLY_UNFIT', `A reply of ${where()} has ${bytes} bytes.`)
  })
}

/** `FLOW.step`, as history rows and logs name a place. */
export function whereIn({ program }: Pick<Parts, 'program'>, record: ConversationRecord): string {
  const { flow, step } = program.place(record)
  return `${flow}.${step}`
}
