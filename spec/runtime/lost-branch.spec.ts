import assert from 'node:assert/strict'
import { type Operator, operatorOf } from '../../lib/ops/operator.ts'
import { aWorld, turns, until } from '../support/a-world.ts'
import { chainProgram, foldOf } from '../support/chain-program.ts'
import { rewindable } from '../support/rewindable.ts'

const SIGNED = { by: 'eve', reason: 'mended' } as const

type Order = 'rollback' | 'redrive' | 'discard'

/** Gives an order about what is read first, for a conversation of two versions, the last parked. */
async function given(ops: Operator, id: string, order: Order) {
  return order === 'rollback'
    ? ops.rollback(id, 2, SIGNED)
    : ops[order](id, await parked(ops, id), SIGNED)
}

async function parked(ops: Operator, id: string): Promise<string> {
  const events = await ops.parkedEvents(id)
  assert.ok(!('tag' in events) && events[0] !== undefined)
  return events[0].key
}

/** An order that was read, and waits behind a message whose commit is on its way. */
async function ordered(order: Order) {
  const world = aWorld()
  const rewind = rewindable(world)
  let isIll = true
  const bot = chainProgram({
    hook: (_state, { id }) => (isIll && id === 'bad' ? assert.fail('broken') : undefined)
  })
  const process = await world.start({ bot, policy: { rules: [{ do: 'park' }] } })
  for (const id of ['m0', 'bad']) await process.say(id)
  await world.settle()
  const { id } = process.chat()
  const commit = world.store.hold('commit')
  const said = process.say('m2')
  await commit.arrived
  isIll = false
  const answer = given(operatorOf(process.runtime), id, order)
  await turns(20)
  /** Lets the message go first, and tells what became of the order and of the dialogue. */
  const outcome = async () => {
    commit.release()
    await until(world.clock, said)
    const refused = await until(world.clock, answer)
    await world.settle()
    const data = (await process.chat().inspect())?.data
    return { refused, chain: data?.['chain'] }
  }
  return { world, rewind, id, outcome }
}

for (const order of ['rollback', 'redrive', 'discard'] as const)
  describe(`an operator's ${order}`, () => {
    const code = order === 'rollback' ? 'CHP_ROLLBACK_REFUSED' : 'CHP_PARKED_REFUSED'

    it('is not obeyed where the store has lost since what it was read from', async () => {
      const { rewind, outcome } = await ordered(order)
      await rewind(1)

      const { refused, chain } = await outcome()

      assert.ok(refused.tag === 'refused' && refused.code === code, JSON.stringify(refused))
      assert.match(refused.detail, /lost the history/)
      assert.equal(chain, foldOf(['m0', 'm2']))
    })

    it('is not obeyed where the conversation was erased since it was read', async () => {
      const { world, id, outcome } = await ordered(order)
      const { fence } = await world.model.load(id)
      assert.equal(await world.model.erase(id, fence?.epoch ?? '', 'another'), 'erased')

      const { refused, chain } = await outcome()

      assert.ok(refused.tag === 'refused' && refused.code === code, JSON.stringify(refused))
      assert.match(refused.detail, /erased/)
      assert.equal(chain, foldOf(['m2']))
    })

    it('is obeyed where only more was said since', async () => {
      const { refused, chain } = await (await ordered(order)).outcome()

      assert.notEqual(refused.tag, 'refused')
      const took = { rollback: ['m0'], redrive: ['m0', 'm2', 'bad'], discard: ['m0', 'm2'] }
      assert.equal(chain, foldOf(took[order]))
    })
  })
