import { inboxRowOf } from '../../commit-plan.ts'
import type { Loaded } from '../../conversation-store.ts'
import { callKeyOf, fenceOf, readStanding } from '../../standing.ts'
import type { ConversationKeys } from '../keys.ts'
import { type RunScript, script } from './script.ts'

type Reply =
  | readonly [second: string, microsecond: string, standing: '', leadsTo: string]
  | readonly [
      second: string,
      microsecond: string,
      standing: string,
      due: string,
      minute: string,
      acknowledgedThrough: number,
      head: string,
      values: readonly (string | null)[]
    ]

export const loadScript = script('load', 'standing')

/** Everything a conversation needs to go on, in one round trip. */
export function load(run: RunScript, keys: ConversationKeys): Promise<Loaded> {
  return run(loadScript, [2, keys.state, keys.history], loadedFrom)
}

function loadedFrom(reply: Reply): Loaded {
  const [second, microsecond, text] = reply
  const [, , , due = '', minute, acknowledgedThrough = 0, head = ''] = text === '' ? [] : reply
  const values = reply[7] ?? []
  const nowMs = msOf(second, microsecond)
  const dueMs = due === '' ? null : Number(due)
  const standing = text === '' ? null : readStanding(text)
  const { calls = [], inFirst = 0, inNext = 0, outNext = 0, effectAt = 0 } = standing ?? {}
  let at = 1
  return {
    fence: standing === null ? null : fenceOf(standing, { dueMs, minute: Number(minute) }),
    record: values[0] ?? null,
    effectAt,
    calls: calls.map(call => ({ key: callKeyOf(call), row: values[at++] ?? '' })),
    inbox: Array.from({ length: inNext - inFirst }, () => inboxRowOf(values[at++] ?? '')),
    undelivered: Array.from(
      { length: Math.max(0, outNext - 1 - acknowledgedThrough) },
      (_, row) => ({
        sequence: acknowledgedThrough + 1 + row,
        row: values[at++] ?? ''
      })
    ),
    acknowledgedThrough,
    dueMs,
    newestHead: head === '' ? null : head,
    aliasOf: text === '' && reply[3] !== '' ? reply[3].split(':', 1)[0]! : null,
    nowMs
  }
}

/** Milliseconds from the two texts that TIME answers. */
export function msOf(second: string, microsecond: string): number {
  return Number(second) * 1000 + Math.floor(Number(microsecond) / 1000)
}
