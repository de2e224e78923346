import assert from 'node:assert/strict'
import fc from 'fast-check'
import { FAILURES, failureOf } from '../../lib/kernel/failure.ts'
import { DIRECTIVES, defaultPolicy } from '../../lib/supervision/policy.ts'
import { policyFrom } from '../../lib/supervision/read-policy.ts'
import { policies } from '../support/policies.ts'

const good = structuredClone(defaultPolicy)
const rules = (...list: readonly object[]): object => ({ rules: list })

describe('policyFrom', () => {
  it('takes every policy within its bounds as it is, and gives it back when read again', () => {
    fc.assert(
      fc.property(policies, given => {
        const plain: unknown = JSON.parse(JSON.stringify(given))
        assert.deepEqual(policyFrom(plain), plain)
      })
    )
  })

  it('takes what is absent from the default', () => {
    assert.deepEqual(policyFrom({}), defaultPolicy)
    assert.deepEqual(policyFrom({ restarts: 1 }), { ...defaultPolicy, restarts: 1 })
    const { alarm } = policyFrom({ alarm: { url: 'https://a.example/x' } })
    assert.deepEqual(alarm, { ...defaultPolicy.alarm, url: 'https://a.example/x' })
  })

  const refused: readonly (readonly [string, unknown, RegExp])[] = [
    ['nothing', undefined, /the policy: expected fields, got nothing/],
    ['null', null, /the policy: expected fields, got null/],
    ['a list', [], /the policy: expected fields, got \[\]/],
    ['a text for a number', { restarts: '3' }, /restarts: expected a whole number .* got "3"/],
    ['a fraction', { restarts: 1.5 }, /restarts: .* got 1.5/],
    ['too many restarts', { restarts: 101 }, /restarts/],
    ['a delay below none', { backoff: { ...good.backoff, initialMs: -1 } }, /backoff\.initialMs/],
    ['a pause of days', { backoff: { ...good.backoff, maxMs: 1e9 } }, /backoff\.maxMs/],
    ['a missing field', { backoff: { initialMs: 1, maxMs: 1 } }, /backoff\.factor: .* got nothing/],
    ['an unknown field', { retries: 1 }, /retries: unknown field, known are rules, restarts/],
    ['a mistyped field', { restart: 1 }, /restart: unknown field.*did you mean "restarts"/],
    [
      'an unknown inner field',
      { intensity: { max: 1, withinMs: 1, per: 1 } },
      /intensity\.per: unk/
    ],
    ['a text that is no text', { texts: { hold: { en: 1 } } }, /texts\.hold\.en: expected a text/],
    [
      'an address of another kind',
      { alarm: { url: 'ftp://x' } },
      /alarm\.url: expected an address/
    ],
    ['rules that are no list', { rules: {} }, /rules: expected a list of rules, got {}/],
    ['a rule that is none', { rules: ['park'] }, /rules\.0: expected a rule, got "park"/],
    ['a rule that does nothing', rules({}), /rules\.0\.do: .* got nothing/],
    [
      'a misspelt directive',
      rules({ do: 'restrat' }),
      /rules\.0\.do: expected one of retry.* got "restrat" \(did you mean "restart"\?\)/
    ],
    ['an unknown tag', rules({ do: 'park', when: { failure: 'Bug' } }), /rules\.0\.when\.failure/],
    [
      'a code that does not exist',
      rules({ do: 'park', when: { code: 'CHP_DECIDE_THREWN' } }),
      /rules\.0\.when\.code: .*did you mean "CHP_DECIDE_THREW"/
    ],
    ['an unknown condition', rules({ do: 'park', when: { flows: 'A' } }), /when\.flows: unknown/],
    ['run 0', rules({ do: 'park', when: { attempt: 0 } }), /when\.attempt: expected a whole/],
    [
      'no run at all',
      rules({ do: 'park', when: { attempt: { from: 3, to: 2 } } }),
      /no run at all/
    ],
    [
      'a rule behind a catch-all',
      rules({ do: 'hold' }, { do: 'park', when: { flow: 'A' } }),
      /rules\.1: is never reached: rule 1 takes all.*narrower rule first/
    ],
    [
      'a rule behind one that takes its tag',
      rules(
        { do: 'hold', when: { failure: 'Defect' } },
        { do: 'park', when: { code: 'CHP_DECIDE_THREW', step: 's' } }
      ),
      /rules\.1: is never reached/
    ],
    [
      'a code of another tag',
      rules({ do: 'park', when: { failure: 'Defect', code: 'CHP_STORE_REFUSED' } }),
      /when\.code: never matches: CHP_STORE_REFUSED is a Unavailable/
    ],
    ['repeats of what repeats nothing', rules({ do: 'park', restarts: 2 }), /restarts: means noth/],
    [
      'a place for what goes nowhere',
      rules({ do: 'hold', to: { flow: 'A', step: 'b' } }),
      /\.to: m/
    ],
    ['a ladder that never ends', { ladder: ['restart', 'retry'] }, /ladder: never ends.*retry/],
    ['a ladder of nothing', { ladder: [] }, /ladder: expected a list/],
    ['a ladder into itself', { ladder: ['restart', 'escalate'] }, /ladder\.1: expected one of/],
    ['a rung behind the end', { ladder: ['hold', 'reset'] }, /ladder\.1: reset is never reached/],
    [
      'a rung twice',
      { ladder: ['reset', 'restart', 'reset'] },
      /ladder\.2: reset stands there twice/
    ]
  ]
  for (const [what, data, message] of refused)
    it(`refuses ${what} whole, and says where`, () => {
      assert.throws(() => policyFrom(data), message)
    })

  const others = Object.values(FAILURES).filter(({ tag }) => tag !== 'Defect')
  it('takes only retry and escalate for what is no fault of the bot', () => {
    for (const tag of new Set(others.map(({ tag }) => tag))) {
      for (const act of DIRECTIVES) {
        const read = (): unknown => policyFrom(rules({ do: act, when: { failure: tag } }))
        if (act === 'retry' || act === 'escalate') assert.doesNotThrow(read)
        else assert.throws(read, /rules\.0\.do: a \w+ cannot be met with/)
      }
    }
  })

  it('names every problem at once', () => {
    try {
      policyFrom({ restarts: 'x', backoff: { initialMs: -1, maxMs: 'x', factor: 99 }, more: 1 })
      assert.fail('nothing was refused')
    } catch (error) {
      const { code, detail = '' } = failureOf(error) ?? {}
      assert.equal(code, 'CHP_POLICY_INVALID')
      const paths = ['restarts', 'backoff.initialMs', 'backoff.maxMs', 'backoff.factor', 'more']
      for (const path of paths) assert.ok(detail.includes(`${path}: `), path)
    }
  })
})
