import assert from 'node:assert/strict'
import { ADDRESS, aWorld } from '../support/a-world.ts'
import { foldOf } from '../support/chain-program.ts'
import { SENT } from '../support/recorded-channel.ts'

const numbered = (count: number): string[] => Array.from({ length: count }, (_, n) => `m${n}`)

describe('the bounds of the runtime', () => {
  it('shed the message beyond a full mailbox with a reason and no store call', async () => {
    const world = aWorld()
    const process = await world.start({ limits: { mailboxEvents: 4 } })
    const held = world.store.hold('load')
    const taken = numbered(4).map(id => process.say(id))
    await held.arrived
    const before = world.store.calls.length

    const receipt = await process.say('m4')

    assert.deepEqual(receipt, { tag: 'shed', reason: 'mailbox full', retryAfterMs: 1_000 })
    assert.equal(world.store.calls.length, before)
    held.release()
    await world.settle()
    for (const one of await Promise.all(taken)) assert.equal(one.tag, 'committed')
    assert.equal((await process.chat().inspect())?.data['chain'], foldOf(numbered(4)))
  })

  it('shed beyond the bound of the process, for whatever conversation', async () => {
    const world = aWorld()
    const process = await world.start({ limits: { queuedEvents: 3 } })
    const held = [1, 2, 3].map(() => world.store.hold('load'))
    const taken = numbered(3).map(id => process.say(id, 'hi', id))
    await Promise.all(held.map(({ arrived }) => arrived))
    const before = world.store.calls.length

    const receipt = await process.say('m3', 'hi', 'another')

    assert.deepEqual(receipt, {
      tag: 'shed',
      reason: 'too many events queued',
      retryAfterMs: 1_000
    })
    assert.equal(world.store.calls.length, before)
    for (const { release } of held) release()
    await world.settle()
    for (const one of await Promise.all(taken)) assert.equal(one.tag, 'committed')
    assert.equal((await process.say('m4')).tag, 'committed')
  })

  it('lose nothing that was acknowledged: what was shed is all that is missing', async () => {
    const world = aWorld()
    const process = await world.start({ limits: { mailboxEvents: 5 } })

    const ids = numbered(60)
    const receipts = ids.map(id => process.say(id))
    await world.settle()

    const tags = (await Promise.all(receipts)).map(({ tag }) => tag)
    const kept = ids.filter((_, index) => tags[index] === 'committed')
    assert.ok(kept.length >= 5 && kept.length < ids.length)
    assert.ok(tags.every(tag => tag === 'committed' || tag === 'shed'))
    assert.equal((await process.chat().inspect())?.data['chain'], foldOf(kept))
  })

  it('shed when a member has a hundred replies that the channel does not take', async () => {
    const world = aWorld()
    const process = await world.start()
    process.channel.answer = () => ({ tag: 'later', afterMs: 60_000, why: 'away' })
    for (let n = 0; n < 4; n += 1) await process.say(`m${n}`, 'say 25')

    const receipt = await process.say('m4')

    assert.deepEqual(receipt, { tag: 'shed', reason: 'full: undelivered', retryAfterMs: 1_000 })
    process.channel.answer = () => SENT
    await world.pass(70_000)
    const again = process.say('m4')
    await world.settle()
    assert.equal((await again).tag, 'committed')
  })

  it('hold for errands too: asked for a hundred times, a look is queued once', async () => {
    const world = aWorld()
    const process = await world.start()
    const held = world.store.hold('load')
    const receipt = process.say('m0')
    await held.arrived

    for (let n = 0; n < 100; n += 1) process.host.present(ADDRESS)

    assert.equal(process.runtime.activity().events, 2)
    held.release()
    await world.settle()
    assert.equal((await receipt).tag, 'committed')
  })

  it('are said to be wrong when the runtime is made', () => {
    const world = aWorld()
    const wrong = [
      { mailboxEvents: 0 },
      { turnMs: -1 },
      { leaseMs: 1.5 },
      { sweepPage: Number.NaN }
    ]

    for (const limits of wrong) assert.throws(() => world.made({ limits }), /CHP_SETTING_INVALID/)
    assert.throws(() => world.made({ limits: { mailbox: 3 } as never }), /no limit "mailbox"/)
  })
})
