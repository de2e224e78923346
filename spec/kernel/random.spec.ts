import assert from 'node:assert/strict'
import fc from 'fast-check'
import { fullJitterMs, seededRandom, systemRandom } from '../../lib/kernel/random.ts'

describe('seededRandom', () => {
  it('draws the same from the same seed and something else from another', () => {
    const drawn = (seed: number): number[] => {
      const random = seededRandom(seed)
      return Array.from({ length: 20 }, () => random.fraction())
    }

    assert.deepEqual(drawn(7), drawn(7))
    assert.notDeepEqual(drawn(7), drawn(8))
  })

  it('draws fractions in [0, 1) that fill the range, and whole bytes', () => {
    const random = seededRandom(1)
    const tenths = new Set<number>()
    for (let n = 0; n < 1_000; n += 1) {
      const fraction = random.fraction()
      assert.ok(fraction >= 0 && fraction < 1)
      tenths.add(Math.floor(fraction * 10))
    }

    assert.equal(tenths.size, 10)
    assert.equal(random.bytes(33).length, 33)
  })
})

describe('systemRandom', () => {
  it('draws fractions in [0, 1), and bytes that differ', () => {
    for (let n = 0; n < 100; n += 1) {
      const fraction = systemRandom.fraction()
      assert.ok(fraction >= 0 && fraction < 1)
    }
    assert.notDeepEqual(systemRandom.bytes(16), systemRandom.bytes(16))
  })
})

describe('fullJitterMs', () => {
  it('is a whole number of ms below the grown bound and below the cap', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 5_000 }),
        fc.integer({ min: 1, max: 60_000 }),
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 0, max: 2_000 }),
        (seed, initialMs, maxMs, factor, attempt) => {
          const backoff = { initialMs, maxMs, factor }
          const ms = fullJitterMs(seededRandom(seed), backoff, attempt)
          assert.ok(Number.isInteger(ms) && ms >= 0)
          assert.ok(ms < Math.min(maxMs, initialMs * factor ** attempt))
        }
      )
    )
  })
})
