import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { median } from './closed-loop.ts'
import { NAMES, type Outcome, type Standing } from './contest.ts'
import type { Round } from './contestant.ts'

const HEAD = [
  '| in flight | what | messages/s | p50 us | p99 us | to shipped | to opt2 | Redis us | Node us |',
  '|---|---|---|---|---|---|---|---|---|'
]

/** The outcomes as a table: medians, and for the ratios their least and most. */
export function tableOf(outcomes: readonly Outcome[]): string {
  return [...HEAD, ...outcomes.flatMap(rowsOf)].join('\n')
}

/** What counting costs: to the same without it, in the rate and in the time of the process. */
export function countingIn(outcomes: readonly Outcome[]): string {
  return outcomes
    .map(({ load: { inFlight }, standings }) => {
      const roundsOf = (name: string): readonly Round[] =>
        standings.find(standing => standing.name === name)?.rounds ?? []
      const without = roundsOf(NAMES.chaperone)
      const to = (of: (round: Round) => number): string =>
        shown(roundsOf(NAMES.counted).map((round, at) => of(round) / of(without[at]!)))
      const [rate, time] = [to(({ perSecond }) => perSecond), to(({ nodeUs }) => nodeUs)]
      return `${inFlight} in flight, counted: ${rate} of the rate, ${time} of the time`
    })
    .join('\n')
}

/** How many conversations were read back and found whole. */
export function verifiedIn(outcomes: readonly Outcome[]): number {
  const rounds = outcomes.flatMap(({ standings }) => standings.flatMap(({ rounds: all }) => all))
  return rounds.reduce((sum, { verified }) => sum + verified, 0)
}

/** Writes what was measured, and where, to a file named for the moment; its path. */
export function writeResults(folder: string, name: string, results: object): string {
  mkdirSync(folder, { recursive: true })
  const at = new Date().toISOString()
  const path = join(folder, `${at.replaceAll(':', '-').slice(0, 19)}${name}.json`)
  writeFileSync(path, `${JSON.stringify({ at, machine: machine(), ...results }, null, 1)}\n`)
  return path
}

function rowsOf({ load: { inFlight }, floor, standings }: Outcome): readonly string[] {
  return standings.map(standing => {
    const middle = (of: (round: Round) => number): number => median(standing.rounds.map(of))
    const cells = [
      `${inFlight}`,
      standing.name === floor && floor === NAMES.corked ? `**${standing.name}**` : standing.name,
      whole(middle(({ perSecond }) => perSecond)),
      whole(middle(({ p50Us }) => p50Us)),
      whole(middle(({ p99Us }) => p99Us)),
      ratio(standing, floor),
      ratio(standing, NAMES.opt2),
      middle(({ redisUs }) => redisUs).toFixed(1),
      middle(({ nodeUs }) => nodeUs).toFixed(1)
    ]
    return `| ${cells.join(' | ')} |`
  })
}

function ratio({ ratios }: Standing, floor: string): string {
  const all = ratios[floor]
  if (all === undefined) return ''
  return shown(all)
}

function shown(ratios: readonly number[]): string {
  const [least, most] = [Math.min(...ratios), Math.max(...ratios)]
  return `${median(ratios).toFixed(2)} (${least.toFixed(2)}-${most.toFixed(2)})`
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

function machine(): object {
  const { node, v8 } = process.versions
  return { node, v8, cpu: cpus()[0]?.model, parallel: availableParallelism(), load: loadavg() }
}
