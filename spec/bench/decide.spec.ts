import assert from 'node:assert/strict'
import { pieces } from '../../bench/pieces.ts'

describe('the benchmark of the pieces of a turn', () => {
  it('does every piece as often as it is told', async () => {
    const { all, close } = await pieces()

    assert.ok(all.length > 5)
    for (const { name, run } of all) assert.equal(await run(3), 3, name)
    await close()
  })
})
