import assert from 'node:assert/strict'
import { type Operator, openOperator } from '../../lib/ops/operator.ts'
import { ADDRESS, aWorld, until } from '../support/a-world.ts'
import { chainProgram, foldOf } from '../support/chain-program.ts'
import { SENT } from '../support/recorded-channel.ts'
import {
  asked,
  BY,
  firstOf,
  parkedOf,
  REFUSED,
  refused,
  stateOf
} from '../support/refusing-channel.ts'

describe('a parked reply', () => {
  it('is offered again under its key, behind what waits, and no longer listed', async () => {
    const { world, process } = await refused()
    process.channel.answer = () => ({ tag: 'later', afterMs: 0, why: 'away' })
    await process.say('m1')
    await world.pass(2_000)
    const { key, id } = firstOf(await parkedOf(world, process))
    const again = (ops: Operator) => ops.redrive(process.chat().id, key, BY)

    assert.equal((await asked(world, process, again)).tag, 'redriven')
    assert.equal((await asked(world, process, again)).tag, 'redriven')
    process.channel.answer = () => SENT
    await world.settle()
    await world.pass(2_000)

    assert.deepEqual(process.channel.texts(), ['2 m1', '1 m0'])
    const offers = world.offers.filter(({ text }) => text === '1 m0')
    assert.deepEqual(new Set(offers.map(offer => offer.key)), new Set([id]))
    assert.deepEqual(await stateOf(world, process), [[], 3, 1])
    assert.deepEqual(await parkedOf(world, process), [])
    assert.equal((await world.model.stats()).parked, 0)
    assert.equal((await process.chat().inspect())?.data['chain'], foldOf(['m0', 'm1']))
  })

  for (const answer of [REFUSED, { tag: 'dropped', why: 'over 24 h' }] as const)
    it(`is parked anew when it is ${answer.tag} again`, async () => {
      const { world, process } = await refused()
      process.channel.answer = () => answer
      const { key } = firstOf(await parkedOf(world, process))

      await asked(world, process, ops => ops.redrive(process.chat().id, key, BY))

      const all = await parkedOf(world, process, true)
      assert.deepEqual(
        all.map(({ state }) => state),
        ['redriven', 'open']
      )
      assert.equal(new Set(all.map(({ id }) => id)).size, 1)
      assert.equal(new Set(all.map(event => event.key)).size, 2)
      assert.equal((await world.model.stats()).parked, 1)
    })

  it('may be offered again by an operator beside the processes', async () => {
    const { world, process } = await refused()
    process.channel.answer = () => SENT
    const { key } = firstOf(await parkedOf(world, process))
    const ops = await until(
      world.clock,
      openOperator({ bot: chainProgram(), store: world.store, clock: world.clock })
    )

    const { tag } = await until(world.clock, ops.redrive(process.chat().id, key, BY))
    await world.pass(5_000)

    assert.equal(tag, 'redriven')
    assert.deepEqual(process.channel.texts(), ['1 m0'])
    assert.equal(world.offers[1]?.key, world.offers[0]?.key)
  })

  it('is told as taken when it is at last, and its statuses are heard', async () => {
    const heard: (readonly unknown[])[] = []
    const bot = chainProgram({
      hook: (_state, event) => {
        if (event.kind === 'DeliveryUpdate') heard.push([event.status, event.prompt])
        return undefined
      }
    })
    const world = aWorld()
    const process = await world.start({ bot: { ...bot, tracks: () => 'a prompt' } })
    process.channel.answer = () => REFUSED
    await process.say('m0')
    await world.pass(2_000)
    process.channel.answer = () => ({ tag: 'sent', providerId: 'wamid.1' })
    const { key } = firstOf(await parkedOf(world, process))

    await asked(world, process, ops => ops.redrive(process.chat().id, key, BY))
    const status = { address: ADDRESS, providerId: 'wamid.1', status: 'read', code: null } as const
    await until(world.clock, process.host.status(status))

    assert.deepEqual(heard, [
      ['failed', 'a prompt'],
      ['sent', 'a prompt'],
      ['read', null]
    ])
  })

  it('can be discarded, exported with what it says, and erased with its conversation', async () => {
    const { world, process } = await refused()
    const who = process.chat().id
    const { key } = firstOf(await parkedOf(world, process))

    assert.equal((await asked(world, process, ops => ops.discard(who, key, BY))).tag, 'discarded')
    const told = await asked(world, process, ops => ops.export(who))

    assert.deepEqual(await parkedOf(world, process), [])
    assert.equal(process.channel.texts().length, 0)
    assert.ok(told.tag === 'export')
    const [row] = told.parked as readonly { readonly sealed: unknown; readonly done: unknown }[]
    assert.deepEqual(row?.sealed, { cause: 'm0', reply: { kind: 'text', text: '1 m0' } })
    assert.deepEqual(row?.done, { how: 'discarded', ...BY })
    await asked(world, process, ops => ops.erase(who))
    assert.deepEqual(await world.model.parked(who), [])
  })
})

describe('replies that were refused, by cause', () => {
  it('do not stop those that are let go on: they are no failure of what was held', async () => {
    const world = aWorld()
    const process = await world.start({ limits: { inboxRowsPerCommit: 1 } })
    const users = ['u1', 'u2']
    for (const user of users) {
      await process.say('m0', 'hi', user)
      await asked(world, process, ops => ops.hold(process.chat(user).id, BY))
      for (const id of ['m1', 'm2', 'm3']) await process.say(id, 'hi', user)
    }
    process.channel.answer = () => REFUSED
    // The first message is answered, and that refused, while the others wait.
    world.store.plan('commit', { delayMs: 200 }, { times: 100 })

    const { tag, count } = await asked(world, process, ops => ops.resumeAll({}, BY))

    assert.deepEqual([tag, count], ['done', 2])
    assert.equal((await world.model.stats()).parked, 2)
  })

  it('are one cause a code of the provider, and go on when the first has gone', async () => {
    const world = aWorld()
    const process = await world.start()
    let isMended = false
    process.channel.answer = ({ address }) => {
      if (isMended) return SENT
      return address.user === 'u3' ? { ...REFUSED, code: '100', why: 'code 100' } : REFUSED
    }
    const users = ['u1', 'u2', 'u3']
    for (const user of users) await process.say('m0', 'hi', user)
    await world.pass(2_000)

    const groups = await asked(world, process, ops => ops.causes())
    const cause = 'CHP_REPLY_REFUSED chan 131026'
    const stopped = await asked(world, process, ops => ops.redriveAll({ cause }, BY))
    isMended = true
    const done = await asked(world, process, ops => ops.redriveAll({ cause }, BY))

    assert.deepEqual(
      groups.map(group => [group.cause, group.code, group.parked]),
      [
        [cause, 'CHP_REPLY_REFUSED', 2],
        ['CHP_REPLY_REFUSED chan 100', 'CHP_REPLY_REFUSED', 1]
      ]
    )
    assert.deepEqual([stopped.tag, stopped.count], ['stopped', 1])
    assert.deepEqual([done.tag, done.count, done.refused], ['done', 2, []])
    assert.deepEqual(process.channel.texts(), ['1 m0', '1 m0'])
    assert.equal((await world.model.stats()).parked, 1)
  })
})
