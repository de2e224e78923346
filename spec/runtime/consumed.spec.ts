import assert from 'node:assert/strict'
import type { Call } from '../../lib/conversation/record.ts'
import type { CallResult, CallSettled } from '../../lib/conversation/turn-event.ts'
import { withoutCall } from '../../lib/runtime/consumed.ts'
import { aRecord } from '../support/a-record.ts'

const PAY: Call = {
  key: 'k',
  name: 'pay',
  origin: 'o',
  cause: 'm',
  effect: true,
  attached: true,
  openedAtMs: 1
}
const UNKNOWN = { tag: 'unreachable', known: 'unknown' } as const

/** The calls listed after the end of the first of these was given up. */
function after(calls: readonly Call[], result: CallResult): readonly Call[] {
  const before = aRecord({ calls })
  const ended = { kind: 'CallSettled', id: 'k.settled', key: 'k', renewed: null } as const
  const event: CallSettled = { ...ended, result, attempts: 1 }
  const next = { ...before, calls: calls.slice(1) }
  const kept = withoutCall(before, before, event)
  assert.deepEqual(withoutCall(next, before, event), kept)
  return kept.calls
}

describe('a call whose end was given up', () => {
  for (const tag of ['unreachable', 'memberUnknown'] as const)
    it(`is left, awaited by no step, when it may have been done: ${tag}`, () => {
      const left = { ...PAY, attached: false, unresolved: 'left' as const }
      assert.deepEqual(after([PAY], { tag, known: 'unknown' }), [left])
    })

  const over: Record<string, readonly [Call, CallResult]> = {
    'it was not done': [PAY, { tag: 'unreachable', known: 'not-done' }],
    'it was answered': [PAY, { tag: 'answered', outcome: 'done', output: {} }],
    'it changes nothing': [{ ...PAY, effect: false }, UNKNOWN],
    'it was left before': [{ ...PAY, attached: false, unresolved: 'left' }, UNKNOWN]
  }
  for (const [why, [call, result]] of Object.entries(over))
    it(`is over when ${why}`, () => {
      assert.deepEqual(after([call], result), [])
    })

  it('is over where four others may have been done', () => {
    const others = ['a', 'b', 'c', 'd'].map(
      (key): Call => ({ ...PAY, key, attached: false, unresolved: 'left' })
    )

    assert.deepEqual(after([PAY, ...others], UNKNOWN), others)
    assert.equal(after([PAY, ...others.slice(1)], UNKNOWN).length, 4)
  })
})
