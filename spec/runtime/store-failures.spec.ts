import assert from 'node:assert/strict'
import type { FailureCode } from '../../lib/kernel/failure.ts'
import { aWorld, type Process, type World } from '../support/a-world.ts'
import { foldOf } from '../support/chain-program.ts'

const ALL = ['load', 'commit', 'defer', 'acknowledged', 'settleDue', 'claimDue', 'time'] as const
const FOR_EVER = { times: Number.POSITIVE_INFINITY } as const

/** A process that has taken one message, and a store in which calls go wrong from now on. */
async function begun(): Promise<{ readonly world: World; readonly one: Process }> {
  const world = aWorld()
  const one = await world.start()
  await one.say('m0')
  await world.settle()
  return { world, one }
}

const commitsOf = ({ store }: World): number =>
  store.calls.filter(({ call }) => call === 'commit').length
const alarmsOf = ({ heard }: Process): readonly unknown[] =>
  heard.filter(({ name }) => name === 'alarm').map(({ event }) => event)
const lines = ({ log }: Process, event: string): number =>
  log.filter(line => line.includes(`"${event}"`) || line.includes(` ${event}`)).length

describe('what a turn does about a failure of the store', () => {
  for (const [code, fail] of [
    ['CHP_STORE_REFUSED', 'before'],
    ['CHP_STORE_UNAVAILABLE', 'before'],
    ['CHP_STORE_UNAVAILABLE', 'after'],
    ['CHP_STORE_NOT_DURABLE', 'after']
  ] as const) {
    it(`${code} that fails ${fail}: it repeats the same commit, which lands once`, async () => {
      const { world, one } = await begun()
      world.store.plan('commit', { fail, code }, { times: 3 })
      const before = commitsOf(world)

      const receipt = one.say('m1')
      await world.settle()

      assert.equal((await receipt).tag, 'committed')
      assert.equal(commitsOf(world) - before, 4)
      assert.deepEqual(
        world.landed.map(({ version }) => version),
        [1, 2]
      )
      assert.equal((await one.chat().inspect())?.data['chain'], foldOf(['m0', 'm1']))
    })
  }

  it('CHP_STORE_NOT_DURABLE to the end: nothing is answered or sent before', async () => {
    const { world, one } = await begun()
    const sent = one.channel.texts().length
    const plan = { fail: 'after', code: 'CHP_STORE_NOT_DURABLE' } as const
    for (const call of ['commit', 'defer'] as const) world.store.plan(call, plan, FOR_EVER)

    const receipt = one.say('m1')
    await world.pass(8_000)

    assert.equal((await receipt).tag, 'shed')
    assert.equal(one.channel.texts().length, sent)
    world.store.heal()
    await world.pass(2_000)
    const again = one.say('m1')
    await world.settle()
    assert.equal((await again).tag, 'duplicate')
    await world.settle()
    assert.deepEqual(one.channel.texts(), ['1 m0', '2 m1'])
    assert.equal(world.landed.length, 2)
  })

  it('CHP_STORE_WRONG_TYPE: one conversation is out of service, the others go on', async () => {
    const { world, one } = await begun()
    world.store.plan('commit', { fail: 'before', code: 'CHP_STORE_WRONG_TYPE' })

    const [mine, theirs] = [one.say('m1'), one.say('n0', 'hi', 'other')]
    await world.settle()

    assert.deepEqual([(await mine).tag, (await theirs).tag], ['shed', 'committed'])
    assert.equal(alarmsOf(one).length, 1)
    assert.equal(one.runtime.ready, true)
  })

  describe('CHP_STORE_DENIED', () => {
    const deny = ({ store }: World, calls: readonly (typeof ALL)[number][] = ALL): void => {
      const code: FailureCode = 'CHP_STORE_DENIED'
      for (const call of calls) store.plan(call, { fail: 'before', code }, FOR_EVER)
    }

    it('stops the service at once: ready is red, a person is told once', async () => {
      const { world, one } = await begun()
      deny(world)

      const first = one.say('m1')
      await world.pass(50)

      assert.equal(one.runtime.ready, false)
      assert.deepEqual(
        alarmsOf(one).map(event => (event as { readonly failure: { code: string } }).failure.code),
        ['CHP_STORE_DENIED']
      )
      const second = one.say('m2', 'hi', 'other')
      await world.pass(20_000)
      assert.deepEqual(
        [await first, await second].map(receipt => receipt.tag === 'shed' && receipt.reason),
        ['CHP_STORE_DENIED', 'CHP_STORE_DENIED']
      )
      assert.equal(alarmsOf(one).length, 1)
      assert.equal(lines(one, 'store.alarm'), 1)
    })

    it('asks again rarely, however many messages come', async () => {
      const { world, one } = await begun()
      deny(world)
      void one.say('m1')
      await world.pass(50)
      const before = world.store.calls.length

      for (let second = 0; second < 60; second += 1) {
        for (let at = 0; at < 10; at += 1) void one.say(`m${second}.${at}`, 'hi', `u${at}`)
        await world.pass(1_000)
      }

      const asked = world.store.calls.length - before
      assert.ok(asked >= 30 && asked <= 200, `${asked} calls in a minute`)
    })

    it('goes on by itself within 2 s once it is mended', async () => {
      const { world, one } = await begun()
      deny(world)
      void one.say('m1')
      await world.pass(10_000)

      world.store.heal()
      await world.pass(2_000)

      assert.equal(one.runtime.ready, true)
      const receipt = one.say('m1')
      await world.settle()
      assert.equal((await receipt).tag, 'committed')
      assert.deepEqual(
        world.landed.map(({ version }) => version),
        [1, 2]
      )
    })

    it('counts neither as a restart nor as a run of the message', async () => {
      const { world, one } = await begun()
      deny(world, ['commit'])

      void one.say('m1')
      await world.pass(20_000)

      const names = one.heard.map(({ name }) => name)
      assert.deepEqual(
        names.filter(name => name === 'restarted' || name === 'parked'),
        []
      )
      assert.equal((await world.model.parked(one.chat().id)).length, 0)
    })
  })
})
