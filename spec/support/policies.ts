import fc from 'fast-check'
import type { Policy, Rule } from '../../lib/supervision/policy.ts'

const millis = fc.integer({ min: 0, max: 3_600_000 })
const backoff = fc.record({
  initialMs: millis,
  maxMs: millis,
  factor: fc.double({ min: 1, max: 10, noNaN: true })
})
const texts = fc.dictionary(
  fc.constantFrom('en', 'de', 'pt-BR'),
  fc.string({ minLength: 1 }).map(text => `t${text}`),
  { minKeys: 1 }
)
const runs = { from: fc.integer({ min: 1, max: 5 }) }
const attempt = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.record(runs))

/** A rule about defects in one flow: rules of different flows never stand in each other's way. */
function ruleIn(flow: string): fc.Arbitrary<Rule> {
  const when = fc.record(
    { flow: fc.constant(flow), step: fc.constantFrom('a', 'b'), attempt },
    { requiredKeys: ['flow'] }
  )
  const because = fc.constant('a reason')
  const again = fc.record(
    {
      when,
      do: fc.constantFrom('retry' as const, 'restart' as const),
      restarts: fc.integer({ min: 0, max: 5 }),
      backoff,
      because
    },
    { requiredKeys: ['when', 'do'] }
  )
  const act = fc.constantFrom(
    'reset' as const,
    'park' as const,
    'hold' as const,
    'escalate' as const
  )
  const ends = fc.record({ when, do: act, because }, { requiredKeys: ['when', 'do'] })
  return fc.oneof(again, ends) as fc.Arbitrary<Rule>
}

const ladders: readonly Policy['ladder'][] = [
  ['restart', 'reset', 'hold'],
  ['retry', 'restart', 'reset', 'hold'],
  ['restart', 'park'],
  ['reset'],
  ['retry', 'hold']
]

/** Policies that may be written, whole. */
export const policies: fc.Arbitrary<Policy> = fc.record(
  {
    rules: fc
      .tuple(ruleIn('chain'), ruleIn('B'), fc.integer({ min: 0, max: 2 }))
      .map(([first, second, many]) => [first, second].slice(0, many)),
    restarts: fc.integer({ min: 0, max: 4 }),
    backoff,
    ladder: fc.constantFrom(...ladders),
    intensity: fc.record({
      max: fc.integer({ min: 1, max: 5 }),
      withinMs: fc.integer({ min: 1, max: 86_400_000 })
    }),
    texts: fc.record({ reset: texts, park: texts, hold: texts }, { requiredKeys: [] }),
    alarm: fc.record({ url: fc.constant(null), gatherMs: millis, repeatMs: fc.constant(3_600_000) })
  },
  { noNullPrototype: true }
)

/** Repeats of the ladder and of the rules, the run that is given up, and none behind it. */
export function mostRuns({ rules, ladder, restarts }: Policy): number {
  const rungs = ladder.filter(rung => rung === 'retry' || rung === 'restart').length
  const ruled = rules.map(rule => rule.restarts ?? restarts)
  return 1 + Math.max(restarts * rungs, ...ruled)
}

/** The same with short pauses: how long they may be is another matter. */
export function quickened(policy: Policy): Policy {
  const backoff = { initialMs: 1, maxMs: 5, factor: 2 }
  const quick = policy.rules.map(rule => (rule.backoff === undefined ? rule : { ...rule, backoff }))
  const rules = quick.map(({ when, ...rule }) => ({
    ...rule,
    when: { ...when, flow: when?.flow === 'chain' ? 'CHAIN' : 'B' }
  }))
  return { ...policy, backoff, rules }
}
