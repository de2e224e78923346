import assert from 'node:assert/strict'
import { type ChainOptions, foldOf } from '../support/chain-program.ts'
import { messages, OK, storedChain, waitingConversation } from '../support/waiting-conversation.ts'

describe('a poison message in the inbox', () => {
  const poison = (onReset?: () => void): ChainOptions => ({
    hook: ({ calls }, { id }) => {
      if (id.startsWith('bad') && calls.length === 0) throw new Error('planned')
      return undefined
    },
    ...(onReset === undefined ? {} : { onReset })
  })

  it('does not take the result of the call with it, nor the messages around it', async () => {
    const { world, process, pay } = await waitingConversation(poison())
    for (const id of ['m1', 'bad1', 'm2', 'bad2', 'm3']) await process.say(id)

    pay.answer(OK)
    await world.settle()

    const parked = process.heard.filter(({ name }) => name === 'parked')
    assert.equal(parked.length, 2)
    assert.equal(process.heard.filter(({ name }) => name === 'restarted').length, 6)
    assert.equal((await process.chat().inspect())?.waiting, 0)
    const causes = world.landed.slice(1).flatMap(row => row.causes)
    assert.deepEqual(causes.filter(id => !id.startsWith('deferred')).slice(1), [
      'm1',
      'bad1',
      'm2',
      'bad2',
      'm3'
    ])
    assert.ok(process.channel.texts().includes('ok {"n":1}'))
    assert.equal(await storedChain(process), foldOf(['reset bad2', 'm3']))
  })

  it('does not count against the message behind it', async () => {
    let runs = 0
    const { world, process, pay } = await waitingConversation({
      hook: ({ calls }, { id }) => {
        if (calls.length > 0) return undefined
        if (id === 'bad') throw new Error('planned')
        if (id !== 'm1') return undefined
        runs += 1
        if (runs < 4) throw new Error('planned')
        return undefined
      }
    })
    await process.say('bad')
    const held = world.store.hold('commit')
    pay.answer(OK)
    await held.arrived
    const receipt = process.say('m1')
    held.release()
    await world.settle()

    assert.equal((await receipt).tag, 'committed')
    assert.equal(runs, 4)
    assert.equal(process.heard.filter(({ name }) => name === 'parked').length, 1)
  })

  it('waits first, with the conversation held, when even its reset fails', async () => {
    const fails = (): never => {
      throw new Error('planned')
    }
    const { world, process, pay } = await waitingConversation(poison(fails))
    for (const id of ['bad1', 'm1']) await process.say(id)

    pay.answer(OK)
    await world.settle()
    await world.pass(5_000)

    assert.equal(process.heard.filter(({ name }) => name === 'alarm').length, 1)
    assert.equal((await world.model.parked(process.chat().id)).length, 0)
    assert.equal(await storedChain(process), foldOf(['m0', 'settled m0']))
    const { held, waiting } = (await process.chat().inspect())!
    assert.deepEqual([held?.by, waiting], ['policy', 2])
  })

  it('that decides what cannot be committed has a turn of its own', async () => {
    const { world, process, pay } = await waitingConversation({
      hook: (state, { id }) =>
        id === 'bad' && state.calls.length === 0
          ? {
              tag: 'commit',
              next: { ...state, flow: { ...state.flow, data: { n: Number.NaN } } },
              replies: [],
              call: null,
              audit: []
            }
          : undefined
    })
    for (const id of ['m1', 'bad', 'm2']) await process.say(id)

    pay.answer(OK)
    await world.settle()

    assert.ok(process.channel.texts().includes('ok {"n":1}'))
    assert.equal((await world.model.parked(process.chat().id)).length, 1)
    assert.equal(await storedChain(process), foldOf(['reset bad', 'm2']))
  })

  it('that says too much for the replies that wait has a turn of its own', async () => {
    const { world, process, pay } = await waitingConversation()
    process.channel.answer = () => ({ tag: 'later', afterMs: 2_000, why: 'away' })
    for (const id of messages(4)) await process.say(id, 'say 30')

    pay.answer(OK)
    await world.pass(5_000)
    assert.ok((await process.chat().inspect())!.waiting > 0)
    process.channel.answer = () => ({ tag: 'sent', providerId: null })
    await world.pass(60_000)

    assert.equal(await storedChain(process), foldOf(['m0', 'settled m0', ...messages(4)]))
    assert.equal((await world.model.parked(process.chat().id)).length, 0)
  })

  it('that the bot wants to ignore is taken out and stops nothing', async () => {
    const { world, process, pay } = await waitingConversation({
      hook: (state, { id }) =>
        id === 'mute' && state.calls.length === 0 ? { tag: 'ignore', why: 'planned' } : undefined
    })
    for (const id of ['mute', 'm1']) await process.say(id)

    pay.answer(OK)
    await world.settle()

    assert.equal((await process.chat().inspect())?.waiting, 0)
    assert.equal(await storedChain(process), foldOf(['m0', 'settled m0', 'm1']))
  })
})
