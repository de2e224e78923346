import assert from 'node:assert/strict'
import { type Operator, operatorOf } from '../../lib/ops/operator.ts'
import { aCall } from '../support/a-call.ts'
import { aWorld, type Process, until, type World } from '../support/a-world.ts'
import { chainProgram, foldOf } from '../support/chain-program.ts'
import { damageable } from '../support/damaged-conversation.ts'
import { ledTo, payingBot } from '../support/paying-bot.ts'
import { newestChanged } from '../support/rewritten-record.ts'

const BY = { by: 'eve', reason: 'asked by phone' } as const

describe('the rollback of a bot written by hand', () => {
  it('takes the frame of the version, and says nothing', async () => {
    const { process, world } = await fiveMessages()

    const done = await until(
      world.clock,
      operatorOf(process.runtime).rollback(idOf(process), 3, BY)
    )

    assert.deepEqual(done, { tag: 'rolledBack', conversation: idOf(process), version: 6, to: 3 })
    const { data } = (await process.chat().inspect()) ?? {}
    assert.deepEqual(data, { count: 3, chain: foldOf(['m1', 'm2', 'm3']) })
    await world.settle()
    assert.deepEqual(process.channel.texts(), ['1 m1', '2 m2', '3 m3', '4 m4', '5 m5'])
  })

  it('is decided anew on what was committed meanwhile', async () => {
    const { process, world } = await fiveMessages()
    const read = world.model.history.bind(world.model)
    world.model.history = async (id, page) => {
      const rows = await read(id, page)
      // Only what the operator reads: the turn itself reads again, and keeps others waiting.
      world.model.history = read
      await process.say('late', 'call pay')
      return rows
    }

    const refused = await until(
      world.clock,
      operatorOf(process.runtime).rollback(idOf(process), 3, BY)
    )

    assert.ok(refused.tag === 'refused' && refused.code === 'CHP_ROLLBACK_REFUSED')
    assert.match(refused.detail, /Version 6 began an effect/)
    assert.equal(world.landed.length, 6)
  })

  it('never goes back behind an erase', async () => {
    const { process, world } = await fiveMessages()
    const read = world.model.history.bind(world.model)
    world.model.history = async (id, page) => {
      const rows = await read(id, page)
      const { fence } = await world.model.load(id)
      await world.model.erase(id, fence?.epoch ?? '', 'tombstone')
      await process.say('anew')
      return rows
    }

    const refused = await until(
      world.clock,
      operatorOf(process.runtime).rollback(idOf(process), 3, BY)
    )

    assert.ok(refused.tag === 'refused', JSON.stringify(refused))
    assert.match(refused.detail, /erased/)
    const { data } = (await process.chat().inspect()) ?? {}
    assert.deepEqual(data, { count: 1, chain: foldOf(['anew']) })
  })

  it('leads a damaged conversation back, in place of the menu with an apology', async () => {
    const home = await damageable('memory')
    const { bot, till } = payingBot()
    const talker = await home.start(bot)
    await ledTo('paying', talker, till)
    const { id } = talker.chat()
    const ops = operatorOf(talker.runtime)
    const whole = await wholeVersions(ops, id)
    await talker.stop()
    await home.rewrite(id, stored => newestChanged(stored, 'submit', 'submat'))
    const again = await home.start(bot)
    assert.equal((await again.chat().inspect())?.recovery?.rung, 3)

    const request = { ...BY, acrossEffects: true }
    const done = await operatorOf(again.runtime).rollback(id, whole[0]!, request)

    assert.equal(done.tag, 'rolledBack', JSON.stringify(done))
    assert.deepEqual(
      again.recovered.map(({ rung }) => rung),
      [3]
    )
    const page = await operatorOf(again.runtime).history(id, { limit: 1 })
    assert.ok(page.tag === 'history')
    const kinds = page.lines[0]?.notes.map(({ kind }) => kind)
    assert.ok(kinds?.includes('recovery') && kinds.includes('rolledBack'), String(kinds))
    assert.ok(again.texts().every(text => !text.startsWith('Sorry')))
    assert.equal((await again.chat().inspect())?.recovery, undefined)
    await home.remove()
  })

  it('is refused where no core can be read, and nobody is known to go back for', async () => {
    const { process, world } = await fiveMessages()
    const load = world.model.load.bind(world.model)
    world.model.load = async at => ({ ...(await load(at)), record: 'L01 broken' })
    world.model.recoverable = async () => ({ slots: ['L01 broken'], history: [] })
    const again = await world.start({ bot: chainProgram() })

    const ops = operatorOf(again.runtime)
    const refused = await until(world.clock, ops.rollback(idOf(process), 5, BY))

    assert.ok(refused.tag === 'refused' && refused.code === 'CHP_ROLLBACK_REFUSED')
    assert.equal(world.landed.length, 5)
  })
})

async function wholeVersions(ops: Operator, id: string): Promise<readonly number[]> {
  const page = await ops.history(id, { limit: 100 })
  if (page.tag !== 'history') return assert.fail(page.detail)
  return page.lines.filter(({ whole }) => whole).map(({ version }) => version)
}

const messages = ['m1', 'm2', 'm3', 'm4', 'm5']

async function fiveMessages(): Promise<{ world: World; process: Process }> {
  const world = aWorld()
  const pay = aCall('pay')
  const process = await world.start({ bot: chainProgram({ calls: { pay: pay.definition } }) })
  for (const id of messages) await process.say(id)
  await world.settle()
  return { world, process }
}

function idOf(process: Process): string {
  return process.chat().id
}
