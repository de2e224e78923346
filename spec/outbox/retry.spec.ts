import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { seededRandom } from '../../lib/kernel/random.ts'
import { retryAfterMs } from '../../lib/outbox/retry.ts'

const highest = { fraction: () => 1 - Number.EPSILON, bytes: () => new Uint8Array(0) }

describe('the pause before a reply is offered again', () => {
  it('is never shorter than what the channel asked for, and never over a minute longer', () => {
    fc.assert(
      fc.property(
        fc.nat(3_600_000),
        fc.integer({ min: 1, max: 2_000 }),
        fc.nat(),
        (asked, n, seed) => {
          const pauseMs = retryAfterMs(seededRandom(seed), asked, n)
          assert.ok(pauseMs >= asked && pauseMs >= 100)
          assert.ok(pauseMs <= Math.max(100, asked) + 60_000)
        }
      )
    )
  })

  it('may double with every failure, whatever was asked for', () => {
    for (const asked of [0, 1_000, 6_000, 30_000]) {
      const pauses = Array.from({ length: 12 }, (_, n) => retryAfterMs(highest, asked, n + 1))
      assert.deepEqual(
        pauses,
        pauses.toSorted((one, other) => one - other)
      )
      assert.ok((pauses.at(-1) ?? 0) >= asked + 59_000)
    }
  })

  it('spreads conversations that were told the same pause at the same time', () => {
    const random = seededRandom(5)
    const pauses = Array.from({ length: 1_000 }, () => retryAfterMs(random, 30_000, 4))
    const seconds = new Set(pauses.map(ms => Math.floor(ms / 1_000)))
    assert.ok(seconds.size > 50)
  })

  it('is a pause also when a channel asks for none of the kind', () => {
    for (const asked of [Number.NaN, -5]) assert.ok(retryAfterMs(seededRandom(1), asked, 1) >= 100)
  })
})
