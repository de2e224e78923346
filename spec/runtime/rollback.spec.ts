import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { Runtime } from '../../lib/runtime/runtime.ts'
import { aCall } from '../support/a-call.ts'
import { aWorld, turns } from '../support/a-world.ts'
import { chainProgram, foldOf } from '../support/chain-program.ts'
import { SENT } from '../support/recorded-channel.ts'
import { rewindable } from '../support/rewindable.ts'

/** A process on a store that can be rewound, when it has taken these messages. */
async function begun(...said: readonly string[]) {
  const world = aWorld()
  const rewind = rewindable(world)
  const one = await world.start()
  for (const id of said) await one.say(id)
  await world.settle()
  return { world, rewind, one }
}

describe('a store that rolled back', () => {
  it('is told once per conversation, and nothing from memory is written back', async () => {
    const { world, rewind, one: process } = await begun('m0', 'm1')
    await rewind(1)

    const receipt = process.say('m2')
    await world.settle()

    assert.equal((await receipt).tag, 'committed')
    assert.equal(process.heard.filter(({ name }) => name === 'rollback').length, 1)
    assert.equal((await process.chat().inspect())?.data['chain'], foldOf(['m0', 'm2']))
    // The store forgot that the first was taken; what was never committed there is no one's.
    assert.deepEqual(process.channel.texts(), ['1 m0', '2 m1', '1 m0', '2 m2'])
    const keys = new Map(world.offers.map(({ text, key }) => [text, key]))
    assert.equal(new Set(keys.values()).size, 3)
    assert.equal(new Set(world.offers.map(({ key }) => key)).size, 3)
    await world.pass(2_000)
    assert.deepEqual((await world.model.load(process.chat().id)).undelivered, [])
  })

  it('gives no two replies one key, though two processes decided at the same time', async () => {
    const { world, rewind, one } = await begun('m0')
    const two = await world.start()
    await two.say('m0')
    const late = world.store.hold('commit')
    const held = two.say('m2')
    await late.arrived
    await one.say('m3')
    await turns(10)
    await rewind(1)
    late.release()

    assert.equal((await held).tag, 'committed')
    await world.settle()
    const keys = ['2 m2', '2 m3'].map(said => world.offers.find(({ text }) => text === said)?.key)
    assert.ok(keys.every(key => key !== undefined))
    assert.equal(new Set(keys).size, 2, keys.join(' '))
  })

  it('that lost only an acknowledgement is told of it again', async () => {
    const { world, rewind, one: process } = await begun('m0')
    await rewind(1)
    const { id } = process.chat()
    assert.equal((await world.model.load(id)).undelivered.length, 1)

    await world.pass(25_000)

    assert.deepEqual((await world.model.load(id)).undelivered, [])
    assert.deepEqual(process.channel.texts(), ['1 m0'])
  })

  it('that lost only an acknowledgement, before it is settled, is told of it again', async () => {
    const world = aWorld()
    const rewind = rewindable(world)
    const process = await world.start()
    await process.say('m0')
    const settling = world.store.hold('settleDue')
    await world.pass(1_500)
    await settling.arrived
    await rewind(1)
    settling.release()
    await world.settle()
    const { id } = process.chat()
    assert.equal((await world.model.load(id)).undelivered.length, 1)

    await world.pass(25_000)

    assert.deepEqual((await world.model.load(id)).undelivered, [])
    assert.deepEqual(process.channel.texts(), ['1 m0'])
  })

  it('that lost only an acknowledgement, while a sweep looks, is told of it again', async () => {
    const world = aWorld()
    const rewind = rewindable(world)
    const one = await world.start()
    await one.say('m0')
    // It ends before it settles what it has acknowledged, so that another looks at it.
    const unsettled = world.store.hold('settleDue')
    await world.pass(1_500)
    await unsettled.arrived
    one.kill()
    const settling = world.store.hold('settleDue')
    const two = await world.start()
    await world.pass(60_000)
    await settling.arrived
    await rewind(1)
    settling.release()
    await world.settle()
    const { id } = two.chat()
    assert.equal((await world.model.load(id)).undelivered.length, 1)

    await world.pass(25_000)

    assert.deepEqual((await world.model.load(id)).undelivered, [])
    assert.deepEqual(
      world.offers.map(({ text }) => text),
      ['1 m0']
    )
  })

  it('keeps its new replies from an acknowledgement that comes late', async () => {
    const world = aWorld()
    const rewind = rewindable(world)
    const one = await world.start()
    const two = await world.start()
    await one.say('m0')
    await one.say('m1')
    const late = world.store.hold('acknowledged')
    await world.pass(1_500)
    await late.arrived
    await rewind(1)
    two.channel.answer = () => ({ tag: 'later', afterMs: 60_000, why: 'away' })
    one.channel.answer = two.channel.answer
    await two.say('other')
    late.release()
    await world.pass(3_000)

    const { undelivered } = await world.model.load(one.chat().id)
    assert.deepEqual(undelivered.map(({ row }) => /\d (m0|other)/.exec(row)?.[0]).at(-1), '2 other')
    assert.equal(one.heard.filter(({ name }) => name === 'rollback').length, 1)
  })

  for (const [more, when] of [
    [false, 'as far as this process had seen'],
    [true, 'further than this process had seen']
  ] as const) {
    it(`keeps the replies of another process that came ${when}`, async () => {
      const { world, rewind, one } = await begun('m0')
      const two = await world.start()
      two.channel.answer = () => ({ tag: 'later', afterMs: 60_000, why: 'away' })
      const ended = new EventEmitter()
      one.channel.answer = async () => (await once(ended, 'sent'), SENT)
      await one.say('m1')
      await turns(10)
      await rewind(1)
      await two.say('other')
      if (more) await two.say('more', 'silent')
      // What the other committed is read here while the send is under way.
      await Runtime.runningOf(one.runtime)?.parts.push(one.chat().id, 'wake')
      ended.emit('sent')
      one.channel.answer = two.channel.answer
      await turns(10)

      await one.say('m2')

      const { undelivered } = await world.model.load(one.chat().id)
      const owed = undelivered.map(({ row }) => /\d (m\d|other)/.exec(row)?.[0])
      assert.ok(owed.includes('2 other'), owed.join(', '))
      assert.equal(one.heard.filter(({ name }) => name === 'rollback').length, 1)
    })
  }

  it('is known by a reply in the place of one that waits: that one never goes out', async () => {
    const { world, rewind, one } = await begun('m0')
    const two = await world.start()
    const away = () => ({ tag: 'later', afterMs: 20_000, why: 'away' }) as const
    one.channel.answer = away
    two.channel.answer = away
    for (const id of ['m1', 'm2']) await one.say(id)
    await turns(10)
    await rewind(2)
    await two.say('other')
    await two.say('more', 'silent')

    await Runtime.runningOf(one.runtime)?.parts.push(one.chat().id, 'wake')

    assert.equal(one.heard.filter(({ name }) => name === 'rollback').length, 1)
    one.channel.answer = () => SENT
    two.channel.answer = one.channel.answer
    await world.pass(120_000)
    const texts = world.offers.map(({ text }) => text)
    assert.deepEqual([texts.includes('3 other'), texts.includes('3 m2')], [true, false])
    assert.deepEqual((await world.model.load(one.chat().id)).undelivered, [])
  })

  it('is known by its history when another process has come as far again', async () => {
    const { world, rewind, one } = await begun('m0', 'm1')
    const two = await world.start()
    await rewind(1)
    await two.say('other')

    const receipt = one.say('m2')
    await world.settle()

    assert.equal((await receipt).tag, 'committed')
    assert.equal(one.heard.filter(({ name }) => name === 'rollback').length, 1)
    assert.equal((await one.chat().inspect())?.data['chain'], foldOf(['m0', 'other', 'm2']))
    await world.pass(15_000)
    assert.deepEqual((await world.model.load(one.chat().id)).undelivered, [])
    assert.ok(world.offers.some(({ text }) => text === '3 m2'))
  })

  it('is known by a message that only goes to the inbox', async () => {
    const world = aWorld()
    const rewind = rewindable(world)
    const calls = { pay: aCall('pay').definition }
    const process = await world.start({ bot: chainProgram({ calls, progressAfterMs: 1 }) })
    await process.say('m0', 'call pay')
    await world.pass(10)
    // Its member is told that the call takes long, by a commit: what is remembered is whole.
    await process.say('m1')
    await rewind(1)

    const receipt = process.say('m2')
    await world.pass(100)

    assert.equal((await receipt).tag, 'deferred')
    assert.equal(process.heard.filter(({ name }) => name === 'rollback').length, 1)
  })

  it('to nothing is told once, too, when another process has begun anew meanwhile', async () => {
    const { world, rewind, one } = await begun('m0')
    const two = await world.start()
    await rewind(0)
    await two.say('other')
    await world.settle()

    const receipt = one.say('m1')
    await world.settle()
    await one.say('m2')

    assert.equal((await receipt).tag, 'committed')
    assert.equal(one.heard.filter(({ name }) => name === 'rollback').length, 1)
    assert.equal(two.heard.filter(({ name }) => name === 'rollback').length, 0)
    assert.equal((await one.chat().inspect())?.data['chain'], foldOf(['other', 'm1', 'm2']))
  })

  it('to nothing at all is told as well', async () => {
    const { world, rewind, one: process } = await begun('m0')
    await rewind(0)

    const receipt = process.say('m1')
    await world.settle()

    assert.equal((await receipt).tag, 'committed')
    assert.equal(process.heard.filter(({ name }) => name === 'rollback').length, 1)
    assert.deepEqual(process.channel.texts(), ['1 m0', '1 m1'])
  })
})
