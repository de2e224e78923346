import type { Program } from '../../conversation/program.ts'
import type { Place, Policy, Rule, Rung, When } from '../../supervision/policy.ts'
import { DIRECTIVES, defaultPolicy, isRepeating } from '../../supervision/policy.ts'
import { brokenRules } from '../../supervision/policy-problem.ts'
import type { Weather } from './weather.ts'

/** Places of the bots that live; in a life of another bot the rules about them match nothing. */
const PLACES: readonly Place[] = [
  { flow: 'CHAIN', step: 'link' },
  { flow: 'menu', step: 'choice' },
  { flow: 'payment', step: 'amount' },
  { flow: 'payment', step: 'confirm' },
  { flow: 'payment', step: 'note' },
  { flow: 'payment', step: 'submit' }
]
const LADDERS: readonly (readonly Rung[])[] = [
  ['restart', 'reset', 'hold'],
  ['retry', 'restart', 'park'],
  ['retry', 'reset'],
  ['restart', 'park'],
  ['reset', 'hold'],
  ['hold']
]

/**
 * What operators wrote for this life: the default, or rules by kind, place and run of a failure.
 *
 * Where holds are drawn a first failure may be one too many already.
 */
export function drawnPolicy(weather: Weather, bot: Program): Policy {
  const { intensity } = defaultPolicy
  const max = weather.has('hold') ? weather.pick('policy', [1, 2, intensity.max]) : intensity.max
  const policy = { ...defaultPolicy, intensity: { ...intensity, max } }
  if (!weather.has('policy')) return policy
  weather.strike('policy')
  const { withinMs } = intensity
  let drawn: Policy = {
    ...policy,
    // On a purpose of its own: lives drawn before know no other window.
    intensity: { max, withinMs: weather.pick('window', [withinMs, withinMs, 30_000, 2_000]) },
    restarts: weather.between('rules', 0, 4),
    backoff: backoff(weather),
    ladder: weather.pick('rules', LADDERS)
  }
  for (let left = weather.between('rules', 0, 4); left > 0; left -= 1) {
    const more = { ...drawn, rules: [...drawn.rules, rule(weather, bot)] }
    // As `policy check` says to whoever writes one.
    if (brokenRules(more, bot).length === 0) drawn = more
  }
  const more = { ...drawn, rules: [...drawn.rules, ...elsewhere(weather, bot)] }
  return brokenRules(more, bot).length === 0 ? more : drawn
}

/** Most policies lead to a place of the bot, where it has one, whatever no other rule is about. */
function elsewhere(weather: Weather, bot: Program): readonly Rule[] {
  // A reset without a place leads to the menu.
  const places = PLACES.filter(place => place.flow !== 'menu' && bot.unresettable?.(place) === null)
  if (places.length === 0 || weather.between('elsewhere', 0, 2) === 0) return []
  return [{ when: { failure: 'Defect' }, do: 'reset', to: weather.pick('elsewhere', places) }]
}

function rule(weather: Weather, bot: Program): Rule {
  const act = weather.pick('rules', DIRECTIVES)
  const rest = { when: when(weather), do: act }
  if (isRepeating(act)) {
    return { ...rest, restarts: weather.between('rules', 0, 3), backoff: backoff(weather) }
  }
  // A bot that leads nowhere else, as the chain, has nothing to say about places.
  const isElsewhere =
    act === 'reset' && bot.unresettable !== undefined && weather.between('rules', 0, 1) > 0
  const to = isElsewhere ? weather.pick('rules', PLACES) : null
  // A signed call cannot be begun without its confirm: such a reset would rest at the start.
  return to === null || to.step === 'submit' ? rest : { ...rest, to }
}

function when(weather: Weather): When {
  const place = weather.pick('rules', PLACES)
  const from = weather.between('rules', 1, 3)
  const about: readonly When[] = [
    { failure: 'Defect' },
    { code: 'CHP_DECIDE_THREW' },
    { flow: place.flow },
    place,
    { stage: weather.pick('rules', ['CHAIN', 'MENU', 'CREDIT']) },
    { attempt: from },
    { flow: place.flow, attempt: { from } },
    { failure: 'Defect', attempt: { from, to: from + 1 } }
  ]
  return weather.pick('rules', about)
}

function backoff(weather: Weather): Policy['backoff'] {
  const initialMs = weather.pick('rules', [0, 10, 200, 1_500])
  return { initialMs, maxMs: initialMs * weather.pick('rules', [1, 4]), factor: 2 }
}
