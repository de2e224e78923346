import assert from 'node:assert/strict'
import type { Violation } from '../../../lib/testing/event-log/verdict.ts'
import { shrink } from '../../../lib/testing/sim/shrink.ts'
import type { Simulation, SimulationOptions, simulate } from '../../../lib/testing/sim/simulate.ts'

const broken: Violation = { invariant: 'I4', conversation: 'c', line: 1, detail: 'as planted' }

/** Breaks a promise when the pauses and the third message are there. */
const fragile = (
  seed: number,
  { without = [], drop = new Set() }: SimulationOptions = {}
): Promise<Simulation> => {
  const fails = !without.includes('pause') && !drop.has(3)
  const counted = new Map([['pause', 1] as const, ['crash', 2] as const, ['flood', 1] as const])
  const life: Partial<Simulation> = {
    seed,
    without,
    drop,
    drawn: 12,
    messages: 12 - drop.size,
    faults: counted,
    violations: fails ? [broken] : []
  }
  return Promise.resolve(life as Simulation)
}

describe('a failing life that is made smaller', () => {
  it('keeps only the faults and messages without which it does not fail', async () => {
    const { options, violation } = await shrink(await fragile(1), broken, fragile)

    assert.deepEqual(options.without, ['crash', 'flood'])
    assert.deepEqual(
      [...options.drop].toSorted((one, other) => one - other),
      [0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11]
    )
    assert.equal(violation, broken)
  })

  it('stays as it is when nothing of it can be spared', async () => {
    const rigid: typeof simulate = async (seed, options) => {
      const life = await fragile(seed, options)
      const isWhole = life.without.length === 0 && life.drop.size === 0
      return { ...life, violations: isWhole ? [broken] : [] }
    }

    const { options } = await shrink(await rigid(1), broken, rigid)

    assert.deepEqual([options.without.length, options.drop.size], [0, 0])
  })
})
