import { randomInt } from 'node:crypto'
import type { SimulationOptions } from '../../lib/testing/sim/simulate.ts'
import { FAULT_KINDS, type FaultKind } from '../../lib/testing/sim/weather.ts'

/** What a run of simulations is asked to do. */
export interface Asked {
  readonly seed: number
  /** Null: this one seed alone, whole. */
  readonly seeds: number | null
  readonly options: Pick<SimulationOptions, 'without' | 'drop'>
  readonly log: string | null
  /** Path of a module with a bot of one's own. */
  readonly bot: string | null
  /** Path of an event log that is to be checked; nothing is lived then. */
  readonly check: string | null
}

const SEEDS_MOST = 1_000_000
const SEEDS_USUAL = 1_000
const KNOWN = ['--seeds', '--seed', '--without', '--drop', '--log', '--bot', '--check']

/** Reads the arguments; a text says what is wrong with them. */
export function askedFor(args: readonly string[]): Asked | string {
  const given = new Map<string, string>()
  for (let at = 0; at < args.length; at += 2) {
    const [name = '', value = ''] = args.slice(at, at + 2)
    if (!KNOWN.includes(name)) return `there is no option ${name}; there are ${KNOWN.join(' ')}`
    // `make` hands on what is not set as an empty text.
    if (value !== '') given.set(name, value)
  }
  for (const name of ['--seeds', '--seed']) {
    const value = given.get(name)
    if (value !== undefined && !/^\d{1,10}$/.test(value)) return `${name} ${value} is no number`
  }
  const seeds = Number(given.get('--seeds') ?? SEEDS_USUAL)
  if (seeds < 1 || seeds > SEEDS_MOST) return `--seeds may be from 1 to ${SEEDS_MOST}`
  const without = listed(given.get('--without'))
  const stray = without.find(kind => !Object.hasOwn(FAULT_KINDS, kind))
  if (stray !== undefined) {
    return `there is no fault "${stray}"; there are ${Object.keys(FAULT_KINDS).join(' ')}`
  }
  const drop = listed(given.get('--drop'))
  const odd = drop.find(place => !/^\d{1,4}$/.test(place))
  if (odd !== undefined) return `--drop ${odd} is no place of a message`
  const seed = given.get('--seed')
  if (given.has('--log') && (seed === undefined || given.has('--seeds'))) {
    return '--log keeps the life of one --seed: leave --seeds out'
  }
  return {
    seed: seed === undefined ? randomInt(1, 2_000_000_000) : Number(seed),
    seeds: seed !== undefined && !given.has('--seeds') ? null : seeds,
    options: { without: without as FaultKind[], drop: new Set(drop.map(Number)) },
    log: given.get('--log') ?? null,
    bot: given.get('--bot') ?? null,
    check: given.get('--check') ?? null
  }
}

function listed(text: string | undefined): string[] {
  return text === undefined ? [] : text.split(',').filter(part => part !== '')
}
