import assert from 'node:assert/strict'
import { fail } from '../../lib/kernel/failure.ts'
import { openOperator } from '../../lib/ops/operator.ts'
import { memoryStore } from '../../lib/testing/memory-store.ts'
import { until } from '../support/a-world.ts'
import { chainProgram } from '../support/chain-program.ts'
import { type Happening, told } from '../support/told-conversation.ts'

const TO_CONFIRM: readonly Happening[] = ['hi', 'first option', 'amount', 'handle']
const BY = { by: 'eve', reason: 'asked by phone' } as const

describe('an operator beside the serving process', () => {
  it('leaves no store open that it could not use', async () => {
    const store = memoryStore()
    let closed = 0
    store.open = async () => fail('CHP_STORE_UNFIT', 'planned')
    store.close = async () => {
      closed += 1
    }

    await assert.rejects(openOperator({ bot: chainProgram(), store }), /CHP_STORE_UNFIT/)

    assert.equal(closed, 1)
  })

  it('leaves the prompt to it, which sends it once, within 2 s', async () => {
    const { world, process, happen, beside } = await told()
    for (const happening of TO_CONFIRM) await happen(happening)
    await world.settle()
    const { id } = process.chat()
    const sent = process.channel.texts().length
    const ops = await beside()

    const done = await until(world.clock, ops.rollback(id, 3, BY))

    assert.equal(done.tag, 'rolledBack')
    assert.equal(process.channel.texts().length, sent)
    await ops.close()
    await world.pass(2_100)
    assert.deepEqual(process.channel.texts().slice(sent), ['How much?'])
    await happen('amount')
    assert.equal((await process.chat().inspect())?.step, 'handle')
  })

  it('wakes nothing, sends nothing and takes no message that waits', async () => {
    const { world, process, happen, beside } = await told()
    for (const happening of [...TO_CONFIRM, 'first option', 'nonsense'] as const) {
      await happen(happening)
    }
    const { id } = process.chat()
    const sent = process.channel.texts().length
    process.kill()
    const ops = await beside()
    const before = world.landed.length

    const first = await until(world.clock, ops.rollback(id, 3, { ...BY, acrossEffects: true }))
    await world.pass(60_000)
    const second = await until(world.clock, ops.rollback(id, 5, { ...BY, acrossEffects: true }))
    await world.pass(60_000)

    assert.deepEqual([first.tag, second.tag], ['rolledBack', 'rolledBack'])
    assert.equal(process.channel.texts().length, sent)
    assert.equal((await ops.inspect(id))?.waiting, 1)
    assert.equal(world.landed.length, before)
    const loaded = await world.model.load(id)
    assert.equal(loaded.fence?.version, 10)
    await ops.close()
  })

  it('is told when the store was not reached, and may ask again with its id', async () => {
    const { world, process, happen, beside } = await told()
    await happen('hi')
    const { id } = process.chat()
    const ops = await beside()
    const commit = world.model.commit.bind(world.model)
    world.model.commit = () => new Promise(() => undefined)

    const shed = await until(world.clock, ops.rollback(id, 2, { ...BY, id: 'op' }))

    assert.equal(shed.tag, 'shed')
    world.model.commit = commit
    await world.pass(5_000)
    const done = await until(world.clock, ops.rollback(id, 2, { ...BY, id: 'op' }))
    const again = await until(world.clock, ops.rollback(id, 2, { ...BY, id: 'op' }))
    assert.deepEqual([done.tag, again.tag], ['rolledBack', 'duplicate'])
  })
})
