import assert from 'node:assert/strict'
import fc from 'fast-check'
import { FaultTable } from '../../../../examples/ledger/service/fault-table.ts'
import type { Random } from '../../../../examples/ledger/service/surroundings.ts'

function delayAt(fraction: number): number {
  const random: Random = { fraction: () => fraction, bytes: count => new Uint8Array(count) }
  const table = new FaultTable(random)
  table.arm({ kind: 'delayDistribution', endpoint: 'login' })
  return table.take('login', null).delayBeforeMs
}

describe('the distribution of delays', () => {
  it('has median 150 ms, p95 900 ms and p99 4 s', () => {
    assert.deepEqual([delayAt(0.5), delayAt(0.95), delayAt(0.99)], [150, 900, 4_000])
  })

  it('rises with the drawn fraction and stays between 50 ms and 8 s', () => {
    const fraction = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(fraction, fraction, (one, other) => {
        const [low, high] = [delayAt(Math.min(one, other)), delayAt(Math.max(one, other))]

        assert.ok(low <= high && low >= 50 && high <= 8_000, `${low} ${high}`)
      })
    )
  })
})
