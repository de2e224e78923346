import { resolve } from 'node:path'
import { Apart, Endless } from './apart.ts'
import { MUTANTS, type Mutant } from './mutants.ts'
import { Greenhouse } from './plant.ts'

// node hunt.js [name]: plants one bug after the other and lives up to 200 seeds with each. A line
// a bug: found or missed, by which invariant (or by a life that does not end), after how many
// seeds. Exit code 1 when one is missed.
const SEEDS_MOST = 200
const LIFE_MOST_MS = 20_000

interface Catch {
  readonly invariant: string
  readonly seeds: number
}

const [name] = process.argv.slice(2)
const chosen = MUTANTS.filter(mutant => name === undefined || name === '' || mutant.name === name)
if (chosen.length === 0) {
  process.stderr.write(`mutants: there is none named "${name}"\n`)
  process.exitCode = 2
} else {
  process.exitCode = (await hunted(chosen)) ? 0 : 1
}

async function hunted(mutants: readonly Mutant[]): Promise<boolean> {
  const greenhouse = new Greenhouse('hunt')
  let missed = 0
  try {
    for (const mutant of mutants) {
      const takeOut = greenhouse.plant(mutant)
      if (takeOut === null) {
        missed += 1
        process.stdout.write(`NOT PLANTED: its place has moved in ${mutant.file}  ${mutant.name}\n`)
        continue
      }
      const startedMs = performance.now()
      const caught = await hunt(greenhouse.worker)
      takeOut()
      const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
      if (caught === null) missed += 1
      const what = caught === null ? 'MISSED' : `found  ${caught.invariant.padEnd(4)}`
      const seeds = caught === null ? SEEDS_MOST : caught.seeds
      const line = `${what.padEnd(12)} ${String(seeds).padStart(3)} seeds ${seconds.padStart(6)} s`
      process.stdout.write(`${line}  ${mutant.name}\n`)
    }
  } finally {
    greenhouse.remove()
  }
  process.stdout.write(`${mutants.length - missed} of ${mutants.length} found\n`)
  return missed === 0
}

/** The first life that breaks a promise, or never ends; null when none does. */
async function hunt(program: string): Promise<Catch | null> {
  const apart = new Apart({ program: resolve(program), mostMs: LIFE_MOST_MS })
  try {
    for (let seed = 1; seed <= SEEDS_MOST; seed += 1) {
      const broken = await brokenBy(apart, seed)
      if (broken !== null) return { invariant: broken, seeds: seed }
    }
    return null
  } finally {
    apart.close()
  }
}

async function brokenBy(apart: Apart, seed: number): Promise<string | null> {
  try {
    const { violations } = await apart.live(seed)
    return violations[0]?.invariant ?? null
  } catch (error) {
    if (error instanceof Endless) return 'end'
    throw error
  }
}
