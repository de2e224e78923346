import type { Call, ConversationRecord } from '../conversation/record.ts'
import type { Memory } from './memory.ts'
import type { Parts } from './parts.ts'
import type { Cause, Plan } from './planned.ts'

/** The record that a commit writes: what was decided, with its call and what the runtime adds. */
export function nextRecord(
  parts: Parts,
  { recovery }: Memory,
  { before, next, held }: Plan,
  cause: Cause,
  call: Call | null,
  nowMs: number
): ConversationRecord {
  const { limits } = parts
  const { event } = cause
  const resets = resetsAfter(parts, before, cause, nowMs)
  return {
    ...next,
    calls: call === null ? next.calls : withCall(next.calls, call, limits.calls),
    meta: {
      initializedAt: before?.meta.initializedAt ?? recovery?.initializedAt ?? nowMs,
      updatedAt: nowMs,
      updatedBy: { kind: event.kind, id: event.id },
      ...(held === null ? {} : { held }),
      ...(resets === null ? {} : { resets })
    }
  }
}

/** When the conversation was reset within the time the policy looks at; null for never. */
function resetsAfter(
  parts: Parts,
  before: ConversationRecord | null,
  { parked }: Cause,
  nowMs: number
): readonly number[] | null {
  const isReset = parked?.how === 'reset'
  if (!isReset && before?.meta.resets === undefined) return null
  const { max } = parts.policy().intensity
  const all = [...recentResets(parts, before, nowMs), ...(isReset ? [nowMs] : [])]
  return all.length === 0 ? null : all.slice(-Math.max(1, max))
}

/** Resets that still count. */
export function recentResets(
  { policy }: Pick<Parts, 'policy'>,
  record: ConversationRecord | null,
  nowMs: number
): readonly number[] {
  const sinceMs = nowMs - policy().intensity.withinMs
  return (record?.meta.resets ?? []).filter(at => at > sinceMs)
}

/** A call that is made again under its key takes its own place; a detached read makes room. */
function withCall(calls: readonly Call[], call: Call, most: number): readonly Call[] {
  const others = calls.filter(({ key }) => key !== call.key)
  const spare = others.find(({ attached, effect }) => !attached && !effect)
  const open = others.filter(({ unresolved }) => unresolved === undefined)
  const kept = open.length < most ? others : others.filter(other => other !== spare)
  return [...kept, call]
}
