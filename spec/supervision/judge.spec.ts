import assert from 'node:assert/strict'
import fc from 'fast-check'
import { afterFailed, type Judged, judge } from '../../lib/supervision/judge.ts'
import { defaultPolicy, isRepeating, type Rule } from '../../lib/supervision/policy.ts'
import { policyFrom } from '../../lib/supervision/read-policy.ts'
import { policies } from '../support/policies.ts'

const THREW: Judged = {
  tag: 'Defect',
  code: 'CHP_DECIDE_THREW',
  stage: 'CREDIT',
  flow: 'chain',
  step: 'a',
  attempt: 1,
  resets: 0
}

const acts = (rules: readonly Rule[], more: object = {}) => {
  const policy = policyFrom({ rules, ...more })
  return (failed: Partial<Judged>) => judge(policy, { ...THREW, ...failed })
}

describe('judge', () => {
  it('by default restarts an event three times, then resets, and holds at the third reset', () => {
    const runs = [1, 2, 3, 4, 5].map(attempt => judge(defaultPolicy, { ...THREW, attempt }).act)
    assert.deepEqual(runs, ['restart', 'restart', 'restart', 'reset', 'reset'])
    const resets = [0, 1, 2, 3].map(
      count => judge(defaultPolicy, { ...THREW, attempt: 4, resets: count }).act
    )
    assert.deepEqual(resets, ['reset', 'reset', 'hold', 'hold'])
  })

  it('lets the pause grow to its most', () => {
    const pauses = [1, 2, 3].map(attempt => judge(defaultPolicy, { ...THREW, attempt }).pauseMostMs)
    assert.deepEqual(pauses, [50, 100, 200])
    const backoff = { initialMs: 7, maxMs: 9, factor: 10 }
    const ruled = acts([{ do: 'retry', backoff }])
    assert.deepEqual([ruled({}).pauseMostMs, ruled({ attempt: 2 }).pauseMostMs], [7, 9])
  })

  it('obeys the first rule that matches, on every condition', () => {
    const when = { stage: 'CREDIT', flow: 'chain', step: 'a', attempt: { from: 2, to: 3 } } as const
    const verdict = acts([{ when: { ...when, code: 'CHP_DECIDE_THREW' }, do: 'park' }])
    assert.deepEqual([verdict({ attempt: 2 }).act, verdict({ attempt: 2 }).rule], ['park', 1])
    const others: readonly Partial<Judged>[] = [
      { attempt: 1 },
      { attempt: 4 },
      { attempt: 2, stage: 'MENU' },
      { attempt: 2, flow: 'B' },
      { attempt: 2, step: 'b' },
      { attempt: 2, code: 'CHP_REPLY_UNFIT' }
    ]
    for (const other of others) assert.equal(verdict(other).rule, null)
  })

  it('goes on behind the repeats of the ladder when those of a rule are spent', () => {
    const verdict = acts([{ do: 'retry', restarts: 1, because: 'a flaky clock' }])
    assert.match(verdict({}).why, /rule 1 \(a flaky clock\), repeat 1 of 1/)
    assert.equal(verdict({ attempt: 2 }).act, 'reset')
    assert.match(verdict({ attempt: 2 }).why, /allows 1 repeats, and this is run 2; ladder: reset/)
  })

  it('climbs a ladder of both kinds of repeats one after the other', () => {
    const verdict = acts([], { ladder: ['retry', 'restart', 'hold'], restarts: 2 })
    const runs = [1, 2, 3, 4, 5].map(attempt => verdict({ attempt }).act)
    assert.deepEqual(runs, ['retry', 'retry', 'restart', 'restart', 'hold'])
  })

  it('does for escalate what stands last on the ladder', () => {
    const { directive, act } = acts([{ do: 'escalate' }], { ladder: ['restart', 'park'] })({})
    assert.deepEqual([directive, act], ['escalate', 'park'])
  })

  it('names the place that a rule resets to', () => {
    const to = { flow: 'help', step: 'hello' }
    assert.deepEqual(acts([{ do: 'reset', to }])({}).to, to)
    assert.equal(acts([{ do: 'reset', to }])({ resets: 2 }).act, 'hold')
  })

  it('never repeats what is no fault of the bot by a count of its own', () => {
    const away: Partial<Judged> = { tag: 'Unavailable', code: 'CHP_STORE_UNAVAILABLE' }
    assert.deepEqual(acts([{ do: 'hold' }])(away).directive, 'retry')
    const told = acts([{ when: { failure: 'Unavailable' }, do: 'escalate' }])(away)
    assert.deepEqual([told.directive, told.act], ['escalate', 'retry'])
  })

  it('ends after a bounded number of runs, whatever the policy', () => {
    const places = fc.record({
      flow: fc.constantFrom('chain', 'B', 'C'),
      step: fc.constantFrom('a', 'b', 'c'),
      resets: fc.integer({ min: 0, max: 9 })
    })
    fc.assert(
      fc.property(policies, places, (policy, place) => {
        const most = 2 * Math.max(policy.restarts, 5) + 2
        let attempt = 1
        while (isRepeating(judge(policy, { ...THREW, ...place, attempt }).act)) attempt += 1
        assert.ok(attempt <= most + 5, `${attempt} runs`)
        let act: ReturnType<typeof afterFailed> = judge(policy, { ...THREW, ...place, attempt }).act
        for (let steps = 0; act !== null; steps += 1) {
          assert.ok(steps < 4)
          act = afterFailed(policy, act)
        }
      })
    )
  })
})
