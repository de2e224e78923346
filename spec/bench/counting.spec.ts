import assert from 'node:assert/strict'
import { countingPairs } from '../../bench/counting.ts'

describe('the benchmark of counting', () => {
  it('measures as many pairs as it is told, each with times above 0', async () => {
    const pairs = await countingPairs(10, { pairs: 3, turns: 200 })

    assert.equal(pairs.length, 3)
    for (const { plainUs, countedUs } of pairs) assert.ok(plainUs > 0 && countedUs > 0)
  })
})
