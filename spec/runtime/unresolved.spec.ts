import assert from 'node:assert/strict'
import { damaged } from '../../examples/ledger/transcript/damage.ts'
import { operatorOf } from '../../lib/ops/operator.ts'
import type { Limits } from '../../lib/runtime/parts.ts'
import { aWorld, until, type World } from '../support/a-world.ts'
import { allSay, heard } from '../support/hanging-bot.ts'
import { says, standing, UnsureService, unsureBot } from '../support/unsure-bot.ts'

/** A member whose payment may have been made: the confirm is open again. */
async function unsure(change: Parameters<typeof unsureBot>[1] = {}, limits: Partial<Limits> = {}) {
  const world = aWorld()
  const service = new UnsureService()
  const bot = unsureBot(service, change)
  const process = await world.start({ bot, limits })
  await says(world, process, 'hi', 'pay', 'yes')
  const made = change.unknown === 'ask-operator' ? 1 : 2
  assert.deepEqual([service.made.length, service.keys], [made, 1])
  assert.equal(heard(process, 'a').at(-1), 'maybe')
  return { world, service, process, bot }
}

describe('an effect of which nobody knows whether it was done', () => {
  it('stays listed while its confirm is open, and nobody makes it or asks about it', async () => {
    const { world, service, process } = await unsure()
    assert.deepEqual(await standing(process), ['open'])

    await world.pass(60_000)

    assert.deepEqual([service.made.length, service.asked.length], [2, 0])
    assert.deepEqual(await standing(process), ['open'])
    const { dueMs } = await world.model.load(process.chat('a').id)
    assert.ok(dueMs !== null && dueMs > world.clock.nowMs() + 60_000)
  })

  it('is made again by a yes, with the key and the input that were signed first', async () => {
    const { world, service, process } = await unsure()
    service.losesAnswers = false

    await says(world, process, 'yes')

    assert.equal(service.made.length, 3)
    assert.equal(new Set(service.made.map(each => JSON.stringify(each))).size, 1)
    assert.ok(heard(process, 'a').includes('paid'))
    assert.deepEqual(await standing(process), [])
  })

  it('is made again at once by a yes that waited for it to end', async () => {
    const { world, service, process } = await unsure()
    for (const id of ['y1', 'y2']) await process.say(id, 'yes', 'a')
    assert.equal(service.made.length, 3)
    while (service.made.length < 4) await world.pass(10)
    service.losesAnswers = false

    await world.pass(1_000)

    assert.ok(service.made.length > 4)
    assert.equal(service.keys, 1)
    assert.equal(heard(process, 'a').filter(text => text === 'paid').length, 1)
  })

  it('is made again by a yes that another process hears after a kill', async () => {
    const { world, service, process, bot } = await unsure()
    process.kill()
    const next = await world.start({ bot })
    await world.pass(30_000)
    assert.deepEqual([service.made.length, await standing(next)], [2, ['open']])
    service.losesAnswers = false

    await says(world, next, 'yes')

    assert.deepEqual([service.made.length, service.keys], [3, 1])
    assert.ok(heard(next, 'a').includes('paid'))
  })

  for (const word of ['no', 'menu'])
    it(`is read back and never made after "${word}"; its member is told twice`, async () => {
      const { world, service, process } = await unsure()
      service.losesAnswers = false

      await says(world, process, word)

      const told = heard(process, 'a')
      assert.ok(told.indexOf('unresolved') > told.indexOf('maybe'))
      assert.equal(told.at(-1), 'late')
      assert.deepEqual([service.made.length, service.asked.length], [2, 1])
      assert.deepEqual(service.asked, [service.made[0]?.key])
      assert.deepEqual(await standing(process), [])
      assert.ok(!process.log.some(line => line.includes('"call.unresolved"')))
    })

  it('is read back by another process when the one that was to do it is killed', async () => {
    const { world, service, process, bot } = await unsure()
    service.found = 'nothing'
    await allSay(world, process, ['a'], 'no')
    assert.deepEqual(await standing(process), ['left'])
    process.kill()
    service.found = 'not done'
    const next = await world.start({ bot })

    await world.pass(30_000)

    assert.equal(service.made.length, 2)
    assert.ok(service.asked.length > 0)
    assert.deepEqual(await standing(next), [])
    const page = await until(world.clock, operatorOf(next.runtime).history(next.chat('a').id))
    assert.ok(JSON.stringify(page).includes('"outcome":"unreachable","attached":false'))
  })

  for (const readable of [true, false])
    it(`is looked up by a person when ${readable ? 'no read tells' : 'none can'}`, async () => {
      const { world, service, process } = await unsure({ readable })
      service.found = 'nothing'

      await says(world, process, 'no')
      await world.pass(30_000)

      assert.equal(service.made.length, 2)
      assert.deepEqual(await standing(process), [])
      const alarms = process.log.filter(line => line.includes('"call.unresolved"'))
      assert.equal(alarms.length, 1)
    })

  for (const latest of [true, false])
    it(`is never made when ${latest ? 'its record' : 'every copy of it'} is damaged`, async () => {
      const { world, service, process, bot } = await unsure()
      process.kill()
      await damage(world, process.chat('a').id, latest)
      service.losesAnswers = false
      const next = await world.start({ bot })
      await world.pass(30_000)
      assert.equal(service.made.length, 2)

      await says(world, next, 'hi')

      assert.deepEqual([service.made.length, service.asked.length], [2, 1])
      assert.equal(heard(next, 'a').at(-1), 'late')
      assert.deepEqual(await standing(next), [])
    })

  it('is read back when its session ends, and what comes of it is told', async () => {
    const { world, service, process } = await unsure({ idleSeconds: 20 })

    await world.pass(40_000)

    assert.deepEqual([service.made.length, service.asked.length], [2, 1])
    assert.equal(heard(process, 'a').at(-1), 'late')
    assert.deepEqual(await standing(process), [])
  })

  for (const leaves of [false, true])
    it(`is asked about once where declared${leaves ? ', also when it is left' : ''}`, async () => {
      const { world, service, process } = await unsure({ unknown: 'ask-operator', readable: false })
      service.losesAnswers = false

      await says(world, process, 'yes', 'yes', ...(leaves ? ['no'] : []))

      assert.equal(service.made.length, 1)
      assert.equal(heard(process, 'a').includes('paid'), false)
      assert.deepEqual(await standing(process), leaves ? [] : ['open'])
      const alarms = process.log.filter(line => line.includes('"call.unresolved"'))
      assert.equal(alarms.length, 1)
    })

  it('lets the next one be made while it is read back, with room for one alone', async () => {
    const { world, service, process } = await unsure({}, { calls: 1 })
    service.found = 'nothing'
    for (const word of ['no', 'pay']) await allSay(world, process, ['a'], word)
    service.losesAnswers = false
    await allSay(world, process, ['a'], 'yes')
    assert.deepEqual(await standing(process), ['left', 'driven'])

    await world.pass(3_000)

    assert.ok(heard(process, 'a').includes('paid'))
    assert.equal(service.keys, 2)
  })
})

describe('an effect that may have been done, and on whose end the bot throws', () => {
  for (const rung of ['reset', 'park', 'hold'] as const)
    for (const found of ['done', 'nothing'] as const)
      it(`is read back after a ${rung}, ${found} being found`, async () => {
        const world = aWorld()
        const service = new UnsureService()
        service.found = found
        const bot = unsureBot(service, { throws: true })
        const process = await world.start({ bot, policy: { rules: [{ do: rung }] } })
        await says(world, process, 'hi', 'pay', 'yes')
        await world.pass(30_000)

        const isDone = found === 'done'
        assert.deepEqual([service.made.length, service.asked.length], [2, isDone ? 1 : 2])
        assert.equal(heard(process, 'a').includes('late'), isDone)
        assert.deepEqual(await standing(process), [])
        const alarms = process.log.filter(line => line.includes('"call.unresolved"'))
        assert.equal(alarms.length, isDone ? 0 : 1)
      })
})

describe('an effect that may have been done, and whose row is damaged', () => {
  /** Another process, which finds the row of the one open call damaged. */
  async function spoilt() {
    const { world, service, process, bot } = await unsure()
    process.kill()
    const load = world.model.load.bind(world.model)
    world.model.load = async id => {
      const loaded = await load(id)
      const rows = loaded.calls.map(({ key, row }) => ({ key, row: row.slice(0, -12) }))
      return { ...loaded, calls: rows }
    }
    service.losesAnswers = false
    const next = await world.start({ bot })
    const alarms = (): number => next.log.filter(line => line.includes('"call.unresolved"')).length
    return { world, service, process: next, alarms }
  }

  it('is neither made nor asked about while its confirm is open', async () => {
    const { world, service, process, alarms } = await spoilt()

    await world.pass(60_000)

    assert.deepEqual([service.made.length, await standing(process), alarms()], [2, ['open'], 0])
  })

  it('is looked up by a person when its member leaves it', async () => {
    const { world, service, process, alarms } = await spoilt()

    await says(world, process, 'no')
    await world.pass(30_000)

    assert.deepEqual([service.made.length, service.asked.length, alarms()], [2, 0, 1])
    assert.deepEqual(await standing(process), [])
  })

  it('is not made by a yes: it ends as unknown, and a person is asked', async () => {
    const { world, service, process, alarms } = await spoilt()

    await says(world, process, 'yes')
    await world.pass(30_000)

    assert.deepEqual([service.made.length, alarms()], [2, 1])
    assert.equal(heard(process, 'a').at(-1), 'maybe')
    assert.deepEqual(await standing(process), ['open'])
  })
})
/** Cuts the newest copy of a record, or all there are and what the history tells of before. */
async function damage(world: World, id: string, latest: boolean): Promise<void> {
  const { fence, slots, history } = await world.model.export(id)
  const event = latest ? 'corruptLatestSnapshot' : 'corruptAllSnapshots'
  const stored = { records: [...slots], history: history.map(({ row }) => `0 ${row}`) }
  const cut = damaged(id, stored, { event, how: 'truncatedJson' })
  const others = { calls: [], inbox: [], parked: [] }
  const rows = { slots: cut.records, history: cut.history.map(row => row.slice(2)), ...others }
  assert.equal(await world.model.rewrite(id, fence ?? assert.fail(), rows), 'done')
}
