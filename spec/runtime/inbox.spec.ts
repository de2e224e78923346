import assert from 'node:assert/strict'
import { chainProgram, foldOf } from '../support/chain-program.ts'
import { messages, OK, storedChain, waitingConversation } from '../support/waiting-conversation.ts'

describe('messages while a call is attached', () => {
  it('wait in the inbox and are taken in the commit of its result, in order', async () => {
    const { world, process, pay } = await waitingConversation()
    const ids = messages(5)

    const receipts = []
    for (const id of ids) receipts.push(await process.say(id))
    pay.answer(OK)
    await world.settle()

    assert.deepEqual(new Set(receipts.map(({ tag }) => tag)), new Set(['deferred']))
    assert.deepEqual(world.landed.at(-1)?.causes.slice(1), ids)
    assert.equal(await storedChain(process), foldOf(['m0', 'settled m0', ...ids]))
    assert.deepEqual(process.channel.texts(), [
      '1 m0',
      'ok {"n":1}',
      ...ids.map((id, index) => `${index + 3} ${id}`)
    ])
  })

  it('are taken eight a commit, the rest right after and before anything newer', async () => {
    const { world, process, pay } = await waitingConversation()
    const ids = messages(20)
    for (const id of ids) await process.say(id)
    const atMs = world.clock.nowMs()
    const held = world.store.hold('commit')
    pay.answer(OK)
    await held.arrived
    const late = process.say('late')
    held.release()
    await world.settle()

    assert.equal((await late).tag, 'committed')
    assert.equal(await storedChain(process), foldOf(['m0', 'settled m0', ...ids, 'late']))
    const commits = world.landed.slice(-4)
    assert.deepEqual(
      commits.map(({ causes }) => causes.length),
      [9, 8, 4, 1]
    )
    for (const commit of commits) assert.ok(commit.atMs - atMs < 100)
  })

  it('go on right after, also when nobody says anything more', async () => {
    const { world, process, pay } = await waitingConversation()
    for (const id of messages(20)) await process.say(id)
    const atMs = world.clock.nowMs()

    pay.answer(OK)
    await world.settle()

    assert.ok(world.landed.every(row => row.atMs - atMs < 100))
    assert.equal(await storedChain(process), foldOf(['m0', 'settled m0', ...messages(20)]))
  })

  it('wait once: a redelivery is told duplicate and taken once', async () => {
    const { world, process, pay } = await waitingConversation()
    assert.equal((await process.say('m1')).tag, 'deferred')
    assert.equal((await process.say('m1')).tag, 'duplicate')

    pay.answer(OK)
    await world.settle()

    assert.equal((await process.say('m1')).tag, 'duplicate')
    assert.equal(await storedChain(process), foldOf(['m0', 'settled m0', 'm1']))
  })

  it('are shed when the inbox is full, before they are acknowledged', async () => {
    const { world, process, pay } = await waitingConversation()
    const tags = []
    for (const id of messages(34)) tags.push((await process.say(id)).tag)
    pay.answer(OK)
    await world.settle()

    assert.deepEqual(
      tags.map(tag => tag === 'deferred'),
      tags.map((_, index) => index < 32)
    )
    assert.equal(await storedChain(process), foldOf(['m0', 'settled m0', ...messages(32)]))
  })

  it('are told once of the progress when the call takes long', async () => {
    const { world, process, pay } = await waitingConversation({ progressAfterMs: 4_000 })
    await process.say('m1')
    await world.pass(5_000)
    assert.equal((await process.say('m2')).tag, 'deferred')
    assert.equal((await process.say('m3')).tag, 'deferred')
    await world.pass(600)
    pay.answer(OK)
    await world.settle()

    assert.deepEqual(process.channel.texts(), [
      '1 m0',
      'still working',
      'ok {"n":1}',
      '3 m1',
      '4 m2',
      '5 m3'
    ])
  })

  it('are told of the progress of every call that takes long', async () => {
    const { world, process, pay } = await waitingConversation({ progressAfterMs: 4_000 })
    for (const id of ['m1', 'm2']) {
      await world.pass(5_000)
      await process.say(id, 'call pay')
      pay.made.at(-1)?.end({ _tag: 'Right', right: OK })
      await world.pass(100)
    }
    await world.pass(5_000)
    await process.say('m3')

    const told = process.channel.texts().filter(text => text === 'still working')
    assert.equal(told.length, 3)
  })

  it('survive a kill of the process with the call', async () => {
    const { world, process, pay } = await waitingConversation()
    for (const id of messages(3)) await process.say(id)
    process.kill()
    const bot = chainProgram({ calls: { pay: pay.definition } })
    const second = await world.start({ bot, instance: 'p0' })

    pay.answer(OK)
    await world.settle()

    assert.equal(await storedChain(second), foldOf(['m0', 'settled m0', ...messages(3)]))
  })

  it('that start a call make the rest wait again', async () => {
    const { world, process, pay } = await waitingConversation()
    await process.say('m1')
    await process.say('m2', 'call pay')
    await process.say('m3')
    pay.made[0]?.end({ _tag: 'Right', right: OK })
    await world.pass(200)
    assert.equal((await process.chat().inspect())?.waiting, 1)

    pay.answer(OK)
    await world.settle()

    assert.equal(
      await storedChain(process),
      foldOf(['m0', 'settled m0', 'm1', 'm2', 'settled m2', 'm3'])
    )
  })

  it('are taken at once when the call is let go', async () => {
    const { world, process } = await waitingConversation()
    await process.say('m1')

    const receipt = process.say('m2', 'detach')
    await world.pass(200)

    assert.equal((await receipt).tag, 'committed')
    assert.equal(await storedChain(process), foldOf(['m0', 'm2', 'm1']))
  })
})
