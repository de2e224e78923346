import assert from 'node:assert/strict'
import { aWorld } from '../support/a-world.ts'
import { chainProgram, foldOf } from '../support/chain-program.ts'

describe('the order of one conversation', () => {
  it('is the order of arrival, also when events are handed in within the same tick', async () => {
    const world = aWorld()
    const process = await world.start()
    const ids = Array.from({ length: 20 }, (_, index) => `m${index}`)

    const receipts = ids.map(id => process.say(id))
    await world.settle()

    assert.deepEqual(
      (await Promise.all(receipts)).map(({ tag }) => tag),
      ids.map(() => 'committed')
    )
    assert.equal((await process.chat().inspect())?.data['chain'], foldOf(ids))
    assert.deepEqual(
      world.landed.map(({ version, causes }) => [version, ...causes]),
      ids.map((id, index) => [index + 1, id])
    )
  })

  it('is kept while an event in the middle crashes and is taken again', async () => {
    const world = aWorld()
    let throws = 2
    const bot = chainProgram({
      hook: (_state, { id }) => {
        if (id !== 'm3' || throws === 0) return undefined
        throws -= 1
        throw new Error('planned')
      }
    })
    const process = await world.start({ bot })
    const ids = ['m0', 'm1', 'm2', 'm3', 'm4', 'm5']

    const receipts = ids.map(id => process.say(id))
    await world.settle()

    for (const receipt of await Promise.all(receipts)) assert.equal(receipt.tag, 'committed')
    assert.equal(throws, 0)
    assert.equal((await process.chat().inspect())?.data['chain'], foldOf(ids))
  })
})
