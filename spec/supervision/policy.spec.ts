import assert from 'node:assert/strict'
import fc from 'fast-check'
import { failureOf } from '../../lib/kernel/failure.ts'
import {
  defaultPolicy,
  directiveFor,
  type Policy,
  policyFrom
} from '../../lib/supervision/policy.ts'

describe('policyFrom', () => {
  it('takes every policy within its bounds as it is', () => {
    const millis = fc.integer({ min: 0, max: 3_600_000 })
    const policy = fc.record({
      restarts: fc.integer({ min: 0, max: 100 }),
      backoff: fc.record({
        initialMs: millis,
        maxMs: millis,
        factor: fc.double({ min: 1, max: 10, noNaN: true })
      })
    })

    fc.assert(fc.property(policy, given => assert.deepEqual(policyFrom(given), given)))
  })

  const good = structuredClone(defaultPolicy)
  const refused: readonly (readonly [string, unknown, RegExp])[] = [
    ['nothing', undefined, /the policy: expected Policy, got nothing/],
    ['null', null, /the policy: expected Policy, got null/],
    ['a list', [], /CHP_POLICY_INVALID/],
    ['a missing field', { restarts: 3 }, /backoff: expected .*, got nothing/],
    ['a text for a number', { ...good, restarts: '3' }, /restarts: expected Count0to100, got "3"/],
    ['a fraction', { ...good, restarts: 1.5 }, /restarts: .* got 1.5/],
    ['too many restarts', { ...good, restarts: 101 }, /restarts/],
    ['less than none', { ...good, restarts: -1 }, /restarts/],
    ['a pause of days', { ...good, backoff: { ...good.backoff, maxMs: 1e9 } }, /backoff\.maxMs/],
    [
      'a factor that is no number',
      { ...good, backoff: { ...good.backoff, factor: Number.NaN } },
      /backoff\.factor/
    ],
    ['an unknown field', { ...good, retries: 1 }, /retries: unknown field, known are restarts/],
    [
      'an unknown inner field',
      { ...good, backoff: { ...good.backoff, min: 1 } },
      /backoff\.min: unknown field/
    ]
  ]
  for (const [what, data, message] of refused)
    it(`refuses ${what} whole, and says where`, () => {
      assert.throws(() => policyFrom(data), message)
    })

  it('names every problem at once', () => {
    try {
      policyFrom({ restarts: 'x', backoff: { initialMs: -1, factor: 99 }, more: 1 })
      assert.fail('nothing was refused')
    } catch (error) {
      const { code, detail = '' } = failureOf(error) ?? {}
      assert.equal(code, 'CHP_POLICY_INVALID')
      for (const path of [
        'restarts',
        'backoff.initialMs',
        'backoff.maxMs',
        'backoff.factor',
        'more'
      ])
        assert.ok(detail.includes(`${path}: `), path)
    }
  })
})

describe('directiveFor', () => {
  const policy = (restarts: number): Policy => ({ ...defaultPolicy, restarts })

  it('restarts as often as the policy says, then resets', () => {
    assert.deepEqual(
      [1, 2, 3, 4, 5].map(runs => directiveFor(policy(3), runs).tag),
      ['restart', 'restart', 'restart', 'reset', 'reset']
    )
  })

  it('resets at once when no restart is allowed', () => {
    assert.deepEqual(directiveFor(policy(0), 1), { tag: 'reset' })
  })

  it('numbers the attempts for the back-off', () => {
    assert.deepEqual(directiveFor(policy(2), 2), { tag: 'restart', attempt: 2 })
  })

  it('by default runs an event four times in all', () => {
    const runs = [1, 2, 3, 4].filter(run => directiveFor(defaultPolicy, run).tag === 'restart')
    assert.equal(runs.length + 1, 4)
  })
})
