import assert from 'node:assert/strict'
import { operatorOf } from '../../lib/ops/operator.ts'
import { ADDRESS, aWorld } from '../support/a-world.ts'
import { foldOf } from '../support/chain-program.ts'

const OTHER = { ...ADDRESS, user: 'other' }

describe('an address that leads to a conversation', () => {
  it('is taken there, by every process, in one order with what is said at its own', async () => {
    const world = aWorld()
    const [one, two] = [await world.start(), await world.start()]
    await one.say('m1')
    const { id } = one.chat()

    const linked = await operatorOf(one.runtime).link(id, OTHER)

    assert.deepEqual(linked, { tag: 'linked', conversation: id, alias: one.chat('other').id })
    const receipts = [
      one.say('m2', 'hi', 'other'),
      one.say('m3', 'hi', 'other'),
      one.say('m4', 'hi', 'other')
    ]
    await world.settle()
    assert.deepEqual(
      (await Promise.all(receipts)).map(({ tag }) => tag),
      ['committed', 'committed', 'committed']
    )
    await two.say('m5', 'hi', 'other')
    const told = two.chat('other').tell({ id: 't1', event: 'ping' })
    await world.settle()
    assert.equal((await told).tag, 'committed')
    await two.say('m6')
    await world.settle()
    const chain = foldOf(['m1', 'm2', 'm3', 'm4', 'm5', 't1', 'm6'])
    assert.equal((await two.chat().inspect())?.data['chain'], chain)
    assert.equal((await two.chat('other').inspect())?.data['chain'], chain)
    assert.equal((await world.model.stats()).conversations, 1)
    assert.equal((await one.say('m3')).tag, 'duplicate')
  })

  it('costs one round trip a message more than its own, never two', async () => {
    const world = aWorld()
    const process = await world.start()
    await process.say('m1')
    await operatorOf(process.runtime).link(ADDRESS, OTHER)
    await process.say('m2', 'hi', 'other')
    await world.settle()
    const alias = process.chat('other').id
    const before = world.store.calls.length

    for (const id of ['m3', 'm4', 'm5']) await process.say(id, 'hi', 'other')
    await world.settle()

    const calls = world.store.calls.slice(before).filter(({ id }) => id === alias)
    assert.deepEqual(
      calls.map(({ call }) => call),
      ['load', 'load', 'load']
    )
  })

  it('names its conversation to every verb of an operator', async () => {
    const world = aWorld()
    const process = await world.start()
    const ops = operatorOf(process.runtime)
    await process.say('m1')
    await process.say('m2')
    await ops.link(ADDRESS, OTHER)
    const { id } = process.chat()

    const answers = [
      await ops.history(OTHER),
      await ops.viewAt(OTHER, 1),
      await ops.diff(OTHER, 1, 2),
      await ops.rollback(OTHER, 1, { by: 'ada', reason: 'a spec' })
    ]

    for (const answer of answers) assert.ok('conversation' in answer && answer.conversation === id)
  })

  it('is a conversation of its own again when it leads there no longer', async () => {
    const world = aWorld()
    const process = await world.start()
    const ops = operatorOf(process.runtime)
    await process.say('m1')
    await ops.link(ADDRESS, OTHER)
    await process.say('m2', 'hi', 'other')

    assert.equal((await ops.unlink(ADDRESS, OTHER)).tag, 'unlinked')

    assert.equal((await process.say('m3', 'hi', 'other')).tag, 'committed')
    assert.equal((await process.chat('other').inspect())?.data['chain'], foldOf(['m3']))
    assert.equal((await process.chat().inspect())?.data['chain'], foldOf(['m1', 'm2']))
    const taken = await ops.link(ADDRESS, OTHER)
    assert.ok(taken.tag === 'refused' && taken.detail.includes('has a conversation'))
  })

  it('begins anew when the store has lost where it leads, and sheds nobody', async () => {
    const world = aWorld()
    const process = await world.start()
    await process.say('m1')
    await operatorOf(process.runtime).link(ADDRESS, OTHER)
    const { id } = process.chat()
    process.kill()
    const { model } = world
    const load = model.load.bind(model)
    model.load = async asked => load(asked === id ? 'ZZZZZZZZZZZZZZZZZZZZZZ' : asked)
    const next = await world.start()

    const receipt = next.say('m2', 'hi', 'other')

    await world.settle()
    assert.equal((await receipt).tag, 'committed')
    assert.equal((await next.chat('other').inspect())?.data['chain'], foldOf(['m2']))
    assert.equal((await next.say('m2', 'hi', 'other')).tag, 'duplicate')
  })

  it('goes when its conversation is erased', async () => {
    const world = aWorld()
    const process = await world.start()
    const ops = operatorOf(process.runtime)
    await process.say('m1')
    await ops.link(ADDRESS, OTHER)
    await process.say('m2', 'hi', 'other')

    assert.equal((await ops.erase(OTHER)).tag, 'erased')

    assert.equal((await process.say('m3', 'hi', 'other')).tag, 'committed')
    assert.equal((await process.chat('other').inspect())?.data['chain'], foldOf(['m3']))
    assert.equal(await process.chat().inspect(), null)
    assert.equal(process.heard.filter(({ name }) => name === 'rollback').length, 0)
  })

  it('that was erased before remembers what it took when it leads there no longer', async () => {
    const world = aWorld()
    const [one, two] = [await world.start(), await world.start()]
    const ops = operatorOf(one.runtime)
    await one.say('m0')
    await one.say('m1', 'hi', 'other')
    await two.say('m2', 'hi', 'other')
    assert.equal((await ops.erase(OTHER)).tag, 'erased')

    assert.equal((await ops.link(ADDRESS, OTHER)).tag, 'linked')
    assert.equal((await ops.unlink(ADDRESS, OTHER)).tag, 'unlinked')

    const said: string[] = []
    for (const id of ['m1', 'm2', 'm3', 'm4']) {
      for (const process of [one, two]) {
        const receipt = process.say(id, 'hi', 'other')
        await world.settle()
        said.push((await receipt).tag)
      }
    }
    const dropped = ['duplicate', 'duplicate']
    const taken = ['committed', 'duplicate']
    assert.deepEqual(said, [...dropped, ...dropped, ...taken, ...taken])
    assert.equal((await one.chat('other').inspect())?.data['chain'], foldOf(['m3', 'm4']))
    const heard = [...one.heard, ...two.heard]
    assert.deepEqual(
      heard.filter(({ name }) => name === 'rollback'),
      []
    )
  })

  it('that was erased drops a late copy only where its tombstone is remembered', async () => {
    const world = aWorld()
    const [one, two] = [await world.start(), await world.start()]
    const ops = operatorOf(one.runtime)
    await one.say('m0')
    await one.say('m1', 'hi', 'other')
    assert.equal((await ops.erase(OTHER)).tag, 'erased')
    assert.equal((await two.say('m1', 'hi', 'other')).tag, 'duplicate')
    assert.equal((await ops.link(ADDRESS, OTHER)).tag, 'linked')

    const said: string[] = []
    for (const process of [two, await world.start(), two]) {
      // By then the processes know of each other, and that nobody is in a run of the event.
      await world.pass(3_000)
      const receipt = process.say('m1', 'hi', 'other')
      await world.settle()
      said.push((await receipt).tag)
    }

    assert.deepEqual(said, ['duplicate', 'committed', 'duplicate'])
    assert.equal((await one.chat().inspect())?.data['chain'], foldOf(['m0', 'm1']))
  })
})
