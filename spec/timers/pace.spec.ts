import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type Beside, pacedClaim, tookOfLate, waitMs } from '../../lib/timers/pace.ts'

const LIMITS = { page: 200, leastPerSecond: 25 }
const TALK: Beside = { isTalking: true, waking: 0, sinceMs: 0, tookMs: 0 }

describe('the pace of those that are woken', () => {
  it('makes nobody wait while no member talks', () => {
    assert.equal(waitMs({ ...TALK, isTalking: false, waking: 199, tookMs: 900 }, LIMITS), 0)
  })

  it('is one after the other while members talk, with time between them', () => {
    assert.equal(waitMs(TALK, LIMITS), 8)
    assert.equal(waitMs({ ...TALK, sinceMs: 5 }, LIMITS), 3)
    assert.equal(waitMs({ ...TALK, sinceMs: 9 }, LIMITS), 0)
  })

  it('slows down with what one takes, and while four are not done', () => {
    assert.equal(waitMs({ ...TALK, tookMs: 30 }, LIMITS), 15)
    assert.equal(waitMs({ ...TALK, waking: 3 }, LIMITS), 8)
    assert.equal(waitMs({ ...TALK, waking: 4 }, LIMITS), 40)
  })

  it('never falls below the least rate, whatever else there is to do', () => {
    const beside = fc.record({
      isTalking: fc.boolean(),
      waking: fc.nat(10_000),
      sinceMs: fc.nat(10_000),
      tookMs: fc.nat(100_000)
    })
    fc.assert(
      fc.property(beside, fc.integer({ min: 1, max: 1_000 }), (seen, leastPerSecond) => {
        const ms = waitMs(seen, { page: 200, leastPerSecond })
        assert.ok(ms >= 0 && ms + seen.sinceMs <= Math.max(1_000 / leastPerSecond, seen.sinceMs))
      })
    )
  })

  it('waits for whole milliseconds: a clock may make nothing of the part of one', () => {
    const ms = fc.double({ min: 0, max: 100, noNaN: true })
    fc.assert(
      fc.property(ms, ms, fc.integer({ min: 1, max: 1_000 }), (sinceMs, tookMs, leastPerSecond) => {
        const waits = waitMs({ ...TALK, sinceMs, tookMs }, { page: 200, leastPerSecond })
        assert.ok(Number.isInteger(waits), `${waits}`)
      })
    )
  })

  it('follows how long one takes of late, not each that is slow', () => {
    assert.equal(tookOfLate(8, 80), 17)
    let tookMs = 8
    for (let n = 0; n < 40; n += 1) tookMs = tookOfLate(tookMs, 80)
    assert.ok(tookMs > 75 && tookMs < 80)
  })

  it('claims an eighth of a page at one time, and one at least', () => {
    assert.equal(pacedClaim(LIMITS, 10_000), 25)
    assert.equal(pacedClaim({ page: 1, leastPerSecond: 1 }, 10_000), 1)
  })

  it('claims no more than the least rate wakes in a quarter of the lease', () => {
    assert.equal(pacedClaim({ page: 8_000, leastPerSecond: 25 }, 10_000), 62)
    assert.equal(pacedClaim({ page: 8_000, leastPerSecond: 1 }, 1_000), 1)
  })
})
