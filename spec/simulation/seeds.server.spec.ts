import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { simulate } from '../../lib/testing/sim/simulate.ts'
import type { FaultKind } from '../../lib/testing/sim/weather.ts'
import { freshSeed } from './fresh-seed.ts'
import { inParallel } from './in-parallel.ts'

/** A life that once showed a bug. */
interface Regression {
  readonly seed: number
  readonly without?: readonly FaultKind[]
  readonly drop?: readonly number[]
  /** What it showed. */
  readonly found: string
}

const FOLDER = 'spec/regressions'

describe('simulated lives', () => {
  for (const file of readdirSync(FOLDER).filter(name => name.endsWith('.json'))) {
    const { seed, without = [], drop = [], found } = regression(file)
    it(`keep every promise where they once did not: ${file}, ${found}`, async () => {
      const { violations } = await simulate(seed, { without, drop: new Set(drop) })

      assert.deepEqual(violations, [])
    })
  }

  // Others for every commit, so that each is a search as well; the same when it is tried again.
  const first = freshSeed()
  it(`keep every promise for 1,000 fresh seeds, from ${first} on`, async () => {
    const { totals, failed, endless } = await inParallel(first, 1_000, {})

    const what = endless?.message ?? 'it breaks a promise'
    assert.equal(failed, null, `seed ${failed}: ${what}: make sim SEED=${failed}`)
    assert.equal(totals.seeds, 1_000)
  }).timeout(280_000)
})

function regression(file: string): Regression {
  return JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Regression
}
