import { FAILURES } from '../kernel/failure.ts'
import { isRepeating, type Policy, type Rule } from './policy.ts'
import type { ResetTargets } from './policy-source.ts'
import { covers, rangeOf, tagOf } from './rule.ts'

/** One thing that is wrong with a policy, and the field it is about; no field: the whole of it. */
export interface PolicyProblem {
  readonly path: readonly string[]
  readonly problem: string
  readonly hint?: string
}

/** What is wrong with a policy of which every field is right by itself. */
export function brokenRules(
  { rules, ladder }: Policy,
  targets: ResetTargets
): readonly PolicyProblem[] {
  const own = rules.flatMap((rule, index) =>
    [...ruleProblems(rule), ...strayReset(rule, targets)].map(found => ({
      ...found,
      path: ['rules', `${index}`, ...found.path]
    }))
  )
  return [...own, ...unreachable(rules), ...endless(ladder)]
}

function ruleProblems({
  when = {},
  do: act,
  restarts,
  backoff,
  to
}: Rule): readonly PolicyProblem[] {
  const found: PolicyProblem[] = []
  const tag = tagOf(when)
  const { from, to: last } = rangeOf(when.attempt)
  if (last < from) {
    found.push({ path: ['when', 'attempt'], problem: `from ${from} to ${last} is no run at all` })
  }
  if (when.code !== undefined && FAILURES[when.code].tag !== tag) {
    const problem = `never matches: ${when.code} is a ${FAILURES[when.code].tag}`
    found.push({ path: ['when', 'code'], problem, hint: 'leave "failure" away' })
  }
  if (tag !== undefined && tag !== 'Defect' && act !== 'retry' && act !== 'escalate') {
    found.push({
      path: ['do'],
      problem: `a ${tag} cannot be met with "${act}": it is no fault of the bot`,
      hint: 'retry, which is what happens anyway, or escalate'
    })
  }
  if (!isRepeating(act)) {
    if (restarts !== undefined) found.push(idle('restarts', act, 'retry and restart'))
    if (backoff !== undefined) found.push(idle('backoff', act, 'retry and restart'))
  }
  if (to !== undefined && act !== 'reset') found.push(idle('to', act, 'reset'))
  return found
}

function strayReset({ to, do: act }: Rule, targets: ResetTargets): readonly PolicyProblem[] {
  if (to === undefined || act !== 'reset') return []
  const why = targets.unresettable?.(to) ?? null
  return why === null ? [] : [{ path: ['to'], problem: why }]
}

function idle(field: string, act: string, fits: string): PolicyProblem {
  return { path: [field], problem: `means nothing for "${act}"`, hint: `it is for ${fits}` }
}

function unreachable(rules: readonly Rule[]): readonly PolicyProblem[] {
  return rules.flatMap(({ when = {} }, index) => {
    const before = rules.slice(0, index).findIndex(earlier => covers(earlier.when ?? {}, when))
    if (before < 0) return []
    const problem = `is never reached: rule ${before + 1} takes all that it is about`
    return [{ path: ['rules', `${index}`], problem, hint: 'put the narrower rule first' }]
  })
}

function endless(ladder: Policy['ladder']): readonly PolicyProblem[] {
  const last = ladder.at(-1)
  const found: PolicyProblem[] = []
  if (last === undefined || isRepeating(last)) {
    const problem = `never ends: its last rung is ${last ?? 'missing'}`
    found.push({ path: ['ladder'], problem, hint: 'end it with hold, park or reset' })
  }
  for (const [index, rung] of ladder.entries()) {
    const path = ['ladder', `${index}`]
    if (ladder.indexOf(rung) < index) found.push({ path, problem: `${rung} stands there twice` })
    const before = ladder.slice(0, index).find(other => other === 'hold' || other === 'park')
    if (before !== undefined && ladder.indexOf(rung) === index) {
      found.push({ path, problem: `${rung} is never reached: ${before} always ends it` })
    }
    if (isRepeating(rung) && ladder.slice(0, index).some(other => !isRepeating(other))) {
      found.push({ path, problem: `${rung} stands behind a rung that gives the event up` })
    }
  }
  return found
}
