import { type Committer, type Cost, type CostBench, type CostLoad } from './costs.ts'

/** Versions at which a commit must cost the same. */
export const VERSIONS = { young: 20, old: 100_000 } as const

/** What is compared: the naive script, and the shipped one with full and empty windows. */
export const COST_NAMES = {
  naive: 'naive',
  full: '512 ids',
  empty: 'no ids',
  young: `512 ids, version ${VERSIONS.young}`,
  old: `512 ids, version ${VERSIONS.old}`
} as const

type CostName = (typeof COST_NAMES)[keyof typeof COST_NAMES]

/** What a round showed, and the memory of one conversation after it. */
export interface RoundCost extends Cost {
  readonly bytes: number
}

/** All rounds of each candidate, in their order. */
export type CostRounds = ReadonlyMap<string, readonly RoundCost[]>

const AGED: ReadonlyMap<CostName, number> = new Map([
  [COST_NAMES.young, VERSIONS.young],
  [COST_NAMES.old, VERSIONS.old]
])
const WINDOW_IDS = 512
const WARM_COMMITS = 42

/** Measures all candidates once a round, each round in the other direction. */
export async function costRounds(
  bench: CostBench,
  rounds: number,
  load: CostLoad,
  say: (line: string) => void = () => undefined
): Promise<CostRounds> {
  const seen = new Map<string, RoundCost[]>()
  const names: readonly CostName[] = Object.values(COST_NAMES)
  for (let round = 0; round < rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const cost = await measured(bench, name, load)
      seen.set(name, [...(seen.get(name) ?? []), cost])
    }
    say(`round ${round + 1} of ${rounds}`)
  }
  return seen
}

/** One candidate to another, round by round. */
export function costRatios(
  seen: CostRounds,
  [one, other]: readonly [CostName, CostName],
  what: keyof RoundCost
): readonly number[] {
  const others = seen.get(other) ?? []
  return (seen.get(one) ?? []).map((cost, round) => cost[what] / others[round]![what])
}

async function measured(bench: CostBench, name: CostName, load: CostLoad): Promise<RoundCost> {
  await bench.clear()
  const made: Committer[] = []
  const olden: (() => Promise<void>)[] = []
  for (let count = 0; count < load.conversations; count += 1) {
    if (name === COST_NAMES.naive) made.push(bench.naive())
    else {
      const shipped = await bench.shipped(name === COST_NAMES.empty ? 0 : WINDOW_IDS)
      made.push(shipped)
      const version = AGED.get(name)
      if (version !== undefined) olden.push(() => shipped.age(version))
    }
  }
  await bench.cost(made, { ...load, commits: WARM_COMMITS })
  for (const grow of olden) await grow()
  const cost = await bench.cost(made, load)
  return { ...cost, bytes: await bench.bytes(made) }
}
