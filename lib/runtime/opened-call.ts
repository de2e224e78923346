import { createHash } from 'node:crypto'
import type { CallIntent } from '../conversation/decision.ts'
import type { Call } from '../conversation/record.ts'
import { fail } from '../kernel/failure.ts'
import { unplainPath } from '../kernel/plain-data.ts'
import type { Memory } from './memory.ts'
import type { Parts } from './parts.ts'
import type { Plan } from './planned.ts'
import { callRow, leasedCallRow, type RowPlace, readCallRow } from './rows.ts'

/** A call that a commit opens, as it is stored and driven. */
export interface Opened {
  readonly call: Call
  readonly input: unknown
  /** Null where the row is damaged: it is not made, and ends as unknown. */
  readonly row: string | null
  /** It was made before, and may have been done. */
  readonly resumed: boolean
}

/**
 * The call a plan opens. A resumed call reads its input from the store, so it must be data.
 *
 * One whose outcome is unknown is made again as it was signed: under its key, with its input.
 */
export function openedCall(
  parts: Pick<Parts, 'program' | 'ring' | 'process' | 'limits'>,
  place: RowPlace,
  memory: Memory,
  plan: Plan,
  nowMs: number
): Opened | null {
  const { call: intent, callCause: cause, before, next } = plan
  if (intent === null) return null
  const { name, origin, effect, input } = intent
  checkInput(parts, intent)
  const openedAtMs = nowMs
  const again = next.calls.find(
    call => call.unresolved === 'open' && call.origin === origin && call.name === name
  )
  const key = again?.key ?? callKey(place.epoch, intent)
  const call: Call = { key, name, origin, cause, effect, attached: true, openedAtMs }
  if (again !== undefined) {
    const stored = storedCall(parts, place, memory, key)
    // What was signed is not known any more, and another input must not go out under its key.
    if (stored === null)
      return { call: { ...call, openedAtMs: again.openedAtMs }, input, row: null, resumed: true }
    const row = leasedCallRow(stored.row, parts.process, nowMs + parts.limits.leaseMs)
    return { call, input: stored.input, row, resumed: true }
  }
  const resumed = before?.calls.some(other => other.key === key) === true
  return { call, input, row: callRow(parts.ring, place, call, intent, parts.process), resumed }
}

function checkInput({ program }: Pick<Parts, 'program'>, { name, input }: CallIntent): void {
  const definition = Object.hasOwn(program.calls, name) ? program.calls[name] : undefined
  if (definition === undefined) fail('CHP_DECISION_INVALID', `There is no call "${name}".`)
  const stray = input === undefined ? null : unplainPath(input)
  if (stray === null && definition.input.is(input)) return
  const why = stray === null ? 'does not fit its codec' : `is no plain data at ${stray}`
  fail('CHP_DECISION_INVALID', `The input of call "${name}" ${why}.`)
}

/** The row of a call that is listed; null when nobody can read it any more. */
function storedCall(
  { ring }: Pick<Parts, 'ring'>,
  place: RowPlace,
  { calls, spoilt }: Memory,
  key: string
): { readonly row: string; readonly input: unknown } | null {
  const row = spoilt.calls.has(key) ? undefined : calls.find(call => call.key === key)?.row
  return row === undefined ? null : { row, input: readCallRow(ring, place, key, row).input }
}

/** key = f(epoch, origin, call name, digest of the input): the same answer repeats the same key. */
function callKey(epoch: string, { origin, name, input }: CallIntent): string {
  const parts = [epoch, origin, name, JSON.stringify(input ?? null)]
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest('base64url')
  return digest.slice(0, 24)
}
