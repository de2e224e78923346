import assert from 'node:assert/strict'
import { unfit } from '../../lib/channel/whatsapp/unfit.ts'
import type { Program } from '../../lib/conversation/program.ts'
import { choose, defineBot, defineFlow, goto, text } from '../../lib/flow/index.ts'
import { aCall } from '../support/a-call.ts'
import { aWorld, until } from '../support/a-world.ts'
import { chainProgram } from '../support/chain-program.ts'

/** A menu with one row, described in so many letters. */
function described(letters: number): Program {
  const menu = defineFlow(
    { name: 'menu', start: 'pick' },
    {
      pick: choose({
        as: 'list',
        prompt: text('pick'),
        options: [{ id: 'x', label: 'X', description: 'd'.repeat(letters) }],
        next: { x: goto({ flow: 'menu' }) },
        invalid: text('pick')
      })
    }
  )
  const texts = { en: { pick: 'Pick one.' } }
  return defineBot({ name: 'menu', flows: [menu], start: 'menu', texts }) as unknown as Program
}

describe('a conversation has one writer', () => {
  it('B1: two processes at once lose no message and count none twice', async () => {
    const world = aWorld()
    const both = [await world.start(), await world.start()]

    const said = Array.from({ length: 20 }, (_, index) => both[index % 2]!.say(`m${index}`))
    await world.settle()
    await world.pass(30_000)

    assert.ok((await Promise.all(said)).every(({ tag }) => tag === 'committed'))
    const counts = world.offers.map(({ text: reply }) => Number(reply.split(' ')[0]))
    assert.deepEqual(
      counts.toSorted((one, other) => one - other),
      Array.from({ length: 20 }, (_, index) => index + 1)
    )
    assert.equal((await both[0]!.chat().inspect())?.version, 20)
  })

  it('B2: what a dead process held up is free at once, its late write void', async () => {
    const world = aWorld()
    const dead = await world.start()
    await dead.say('m0')
    const held = world.store.hold('commit')
    void dead.say('m1')
    await held.arrived
    dead.kill()
    const heir = await world.start()
    const beganMs = world.clock.nowMs()

    const receipt = await until(world.clock, heir.say('m2'))
    assert.equal(receipt.tag, 'committed')
    assert.ok(world.clock.nowMs() - beganMs < 1_000)
    held.release()
    await world.settle()

    assert.deepEqual(
      world.landed.map(({ causes }) => causes),
      [['m0'], ['m2']]
    )
  })

  it('B9: to start, and to look, writes nothing', async () => {
    const world = aWorld()
    const process = await world.start()
    await process.say('m0')
    const again = await world.start()

    await again.chat().inspect()
    await world.pass(60_000)

    assert.equal(world.landed.length, 1)
    assert.equal((await again.chat().inspect())?.version, 1)
  })
})

describe('a message is answered for', () => {
  it('B29: only when it is stored, and with a failure it is not', async () => {
    const world = aWorld()
    const process = await world.start()
    world.store.plan('commit', { fail: 'before' }, { times: 1_000 })

    const receipt = await until(world.clock, process.say('m0'))

    assert.equal(receipt.tag, 'shed')
    assert.equal(world.landed.length, 0)
    world.store.heal()
    assert.equal((await until(world.clock, process.say('m0'))).tag, 'committed')
    assert.equal(world.landed.length, 1)
  })

  it('B30: while the outside call that it began still runs', async () => {
    const world = aWorld()
    const slow = aCall('pay')
    const process = await world.start({ bot: chainProgram({ calls: { pay: slow.definition } }) })
    const beganMs = world.clock.nowMs()

    const receipt = await process.say('m0', 'call pay')

    assert.equal(receipt.tag, 'committed')
    assert.equal(world.clock.nowMs(), beganMs)
    assert.equal(slow.made.length, 1)
    slow.answer({ outcome: 'ok', output: { n: 1 } })
    await world.settle()
  })

  it('B32: never from a state that could not be read', async () => {
    const world = aWorld()
    await (await world.start()).say('m0')
    const process = await world.start()
    world.store.plan('load', { fail: 'before' }, { times: 1_000 })

    const receipt = await until(world.clock, process.say('m1'))

    assert.equal(receipt.tag, 'shed')
    world.store.heal()
    await until(world.clock, process.say('m2'))
    assert.deepEqual(
      world.landed.map(({ version, causes }) => [version, ...causes]),
      [
        [1, 'm0'],
        [2, 'm2']
      ]
    )
  })

  it('B38: by supervision, when deciding it throws', async () => {
    const world = aWorld()
    const bot = chainProgram()
    const mixedUp: Program = {
      ...bot,
      decide: (state, event, at) => {
        const [one, two] = (event.id === 'm1' ? null : ['a', 'b']) as readonly string[]
        assert.ok(one !== two)
        return bot.decide(state, event, at)
      }
    }
    const process = await world.start({ bot: mixedUp })
    await process.say('m0')

    const receipt = await until(world.clock, process.say('m1'))
    await world.settle()

    assert.equal(receipt.tag, 'parked')
    assert.deepEqual(
      process.heard.map(({ name }) => name),
      ['restarted', 'restarted', 'restarted', 'parked']
    )
  })

  for (const [letters, fits] of [
    [72, true],
    [73, false]
  ] as const)
    it(`B43: in ${letters} letters to a row only where the channel takes them`, async () => {
      const world = aWorld()
      const process = await world.start({ bot: described(letters) })
      process.channel.unfit = unfit

      const receipt = await until(world.clock, process.say('m0'))
      await world.settle()

      const offered = world.offers.filter(({ text: kind }) => kind === 'list')
      assert.equal(offered.length, fits ? 1 : 0)
      // A menu that cannot be shown at all is for a person to look at.
      assert.equal(receipt.tag, fits ? 'committed' : 'deferred')
    })
})
