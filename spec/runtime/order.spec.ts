import assert from 'node:assert/strict'
import { aWorld } from '../support/a-world.ts'
import { chainProgram, foldOf } from '../support/chain-program.ts'

const numbered = (count: number): string[] => Array.from({ length: count }, (_, n) => `m${n}`)

describe('the order of one conversation', () => {
  it('is the order of arrival, also when events are handed in within the same tick', async () => {
    const world = aWorld()
    const process = await world.start()
    const ids = numbered(20)

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
    const ids = numbered(6)

    const receipts = ids.map(id => process.say(id))
    await world.settle()

    for (const receipt of await Promise.all(receipts)) assert.equal(receipt.tag, 'committed')
    assert.equal(throws, 0)
    assert.equal((await process.chat().inspect())?.data['chain'], foldOf(ids))
  })

  it('is kept while the store fails before and after commits, and while loads fail', async () => {
    const world = aWorld()
    const process = await world.start()
    const ids = numbered(12)
    for (const nth of [2, 5, 9]) world.store.plan('commit', { fail: 'before' }, { nth })
    for (const nth of [3, 6, 10]) world.store.plan('commit', { fail: 'after' }, { nth })
    world.store.plan('load', { fail: 'before' }, { times: 2 })

    const receipts = ids.map(id => process.say(id))
    await world.settle()

    for (const receipt of await Promise.all(receipts)) assert.equal(receipt.tag, 'committed')
    assert.equal((await process.chat().inspect())?.data['chain'], foldOf(ids))
    assert.equal(world.landed.length, ids.length)
  })

  it('goes on after a restart from where the last life ended', async () => {
    const world = aWorld()
    const first = await world.start({ instance: 'one' })
    const early = ['m0', 'm1', 'm2'].map(id => first.say(id))
    await world.settle()
    await Promise.all(early)
    first.kill()

    const second = await world.start({ instance: 'one' })
    const late = ['m3', 'm4'].map(id => second.say(id))
    await world.settle()

    for (const receipt of await Promise.all(late)) assert.equal(receipt.tag, 'committed')
    assert.equal((await second.chat().inspect())?.data['chain'], foldOf(numbered(5)))
    assert.equal((await second.chat().inspect())?.version, 5)
  })

  it('holds in every conversation while one of them waits for the store', async () => {
    const world = aWorld()
    const process = await world.start()
    const held = world.store.hold('load')
    const slow = process.say('slow', 'hi', 'slow')
    await held.arrived

    const others = ['a', 'b', 'c'].flatMap(user =>
      numbered(3).map(id => process.say(`${user}.${id}`, 'hi', user))
    )
    const receipts = await Promise.all(others)

    for (const receipt of receipts) assert.equal(receipt.tag, 'committed')
    assert.equal(process.runtime.activity().events, 1)
    held.release()
    await world.settle()
    assert.equal((await slow).tag, 'committed')
    for (const user of ['a', 'b', 'c']) {
      const chain = foldOf(numbered(3).map(id => `${user}.${id}`))
      assert.equal((await process.chat(user).inspect())?.data['chain'], chain)
    }
  })

  it('lets other conversations go on while one crashes again and again', async () => {
    const world = aWorld()
    const bot = chainProgram({
      hook: state => {
        if (state.core.channel.user === 'ill') throw new Error('planned')
        return undefined
      }
    })
    const process = await world.start({ bot })

    const ill = process.say('x', 'hi', 'ill')
    const well = await Promise.all(numbered(5).map(id => process.say(id)))

    for (const receipt of well) assert.equal(receipt.tag, 'committed')
    await world.settle()
    assert.equal((await ill).tag, 'parked')
  })
})
