import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { median } from './closed-loop.ts'
import type { Load, Round } from './contestant.ts'
import { Side } from './side.ts'

/** What is measured against what. */
export interface Contest {
  readonly url: string
  readonly loads: readonly Load[]
  readonly rounds: number
  /** A folder for CPU profiles of Chaperone's process; null for none. */
  readonly profileTo: string | null
  readonly say: (line: string) => void
}

/** A contestant as it is shown. */
interface Entry {
  readonly name: string
  readonly contestant: string
  readonly flags: readonly string[]
  /** Runs at loads with this many in flight or more. */
  readonly from: number
}

/** How one contestant did at one load. */
export interface Standing {
  readonly name: string
  readonly rounds: readonly Round[]
  /** The rate through that of each floor, round by round, for what is no floor itself. */
  readonly ratios: Readonly<Record<string, readonly number[]>>
}

/** How all did at one load; `floor` is the better shape of the shipped script's floor. */
export interface Outcome {
  readonly load: Load
  readonly floor: string
  readonly standings: readonly Standing[]
}

/** The store writes each command at once up to so many in flight: below, both shapes are one. */
const CORKED_FROM = 33
/** A young generation that so many turns at once do not overflow. */
const WIDE_FROM = 1000
const WIDE_FLAGS = ['--max-semi-space-size=64']

/** The contestants: Chaperone, and the floors it is compared with. */
export const NAMES = {
  chaperone: 'chaperone',
  counted: 'chaperone, counted',
  wide: 'chaperone, 64 MB young',
  shipped: 'floor shipped',
  corked: 'floor shipped, corked',
  opt2: 'floor opt2'
} as const

/** Measures all contestants in turns, load by load, round by round. */
export async function held(contest: Contest): Promise<readonly Outcome[]> {
  const { url, loads, profileTo } = contest
  const folder = mkdtempSync(join(tmpdir(), 'chaperone-bench-'))
  const profiling = profileTo === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileTo}`]
  const entries: Entry[] = [
    { name: NAMES.chaperone, contestant: 'chaperone', flags: profiling, from: 0 },
    { name: NAMES.counted, contestant: 'counted', flags: [], from: 0 },
    { name: NAMES.wide, contestant: 'chaperone', flags: WIDE_FLAGS, from: WIDE_FROM },
    { name: NAMES.shipped, contestant: 'shipped', flags: [], from: 0 },
    { name: NAMES.corked, contestant: 'shippedCorked', flags: [], from: CORKED_FROM },
    { name: NAMES.opt2, contestant: 'opt2', flags: [], from: 0 }
  ]
  const most = Math.max(...loads.map(({ inFlight }) => inFlight))
  const recorder = new Side('chaperone', url, [])
  const sides = entries
    .filter(({ from }) => from <= most)
    .map(entry => ({ ...entry, side: new Side(entry.contestant, url, entry.flags) }))
  try {
    const outcomes: Outcome[] = []
    for (const load of loads) {
      const recording = join(folder, `${load.inFlight}.jsonl`)
      await recorder.record(load, recording)
      const taking = sides.filter(({ from }) => from <= load.inFlight)
      outcomes.push(outcomeOf(load, await rotated(contest, taking, load, recording)))
      rmSync(recording)
    }
    return outcomes
  } finally {
    await Promise.all([recorder, ...sides.map(({ side }) => side)].map(side => side.end()))
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Round by round, each begun by another contestant; the first, unmeasured round warms up. */
async function rotated(
  { rounds, say }: Contest,
  taking: readonly (Entry & { readonly side: Side })[],
  load: Load,
  recording: string
): Promise<ReadonlyMap<string, readonly Round[]>> {
  const shown = new Map<string, Round[]>(taking.map(({ name }) => [name, []]))
  for (let round = 0; round <= rounds; round += 1) {
    const rates: string[] = []
    for (let turn = 0; turn < taking.length; turn += 1) {
      const { name, side } = taking[(round + turn) % taking.length]!
      const measured = await side.round(load, recording)
      if (round > 0) shown.get(name)?.push(measured)
      rates.push(`${name} ${Math.round(measured.perSecond)}`)
    }
    say(`${load.inFlight} in flight, round ${round} of ${rounds}: ${rates.join(', ')} a second`)
  }
  return shown
}

function outcomeOf(load: Load, shown: ReadonlyMap<string, readonly Round[]>): Outcome {
  const rateOf = (name: string): number =>
    median((shown.get(name) ?? []).map(({ perSecond }) => perSecond))
  const floor = rateOf(NAMES.corked) > rateOf(NAMES.shipped) ? NAMES.corked : NAMES.shipped
  const standings = [...shown].map(([name, rounds]): Standing => {
    const isFloor = name.startsWith('floor')
    const floors = isFloor ? [] : [floor, NAMES.opt2]
    const ratios = floors.map(other => [other, ratiosOf(rounds, shown.get(other) ?? [])] as const)
    return { name, rounds, ratios: Object.fromEntries(ratios) }
  })
  return { load, floor, standings }
}

function ratiosOf(rounds: readonly Round[], floors: readonly Round[]): readonly number[] {
  return rounds.map(({ perSecond }, at) => perSecond / (floors[at]?.perSecond ?? Number.NaN))
}
