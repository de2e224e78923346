import assert from 'node:assert/strict'
import { aCall, type ControlledCall } from '../support/a-call.ts'
import { aWorld, type Process, type World } from '../support/a-world.ts'
import { type ChainOptions, chainProgram, foldOf } from '../support/chain-program.ts'

const OK = { outcome: 'ok', output: { n: 1 } }
const numbered = (count: number, from = 1): string[] =>
  Array.from({ length: count }, (_, n) => `m${n + from}`)

/** A conversation that waits for a call since `m0`. */
async function waiting(
  options: ChainOptions = {}
): Promise<{ world: World; process: Process; pay: ControlledCall }> {
  const world = aWorld()
  const pay = aCall('pay')
  const bot = chainProgram({ ...options, calls: { pay: pay.definition } })
  const process = await world.start({ bot })
  await process.say('m0', 'call pay')
  return { world, process, pay }
}

const chainOf = async (process: Process): Promise<unknown> =>
  (await process.chat().inspect())?.data['chain']

describe('messages while a call is attached', () => {
  it('wait in the inbox and are taken in the commit of its result, in order', async () => {
    const { world, process, pay } = await waiting()
    const ids = numbered(5)

    const receipts = []
    for (const id of ids) receipts.push(await process.say(id))
    pay.answer(OK)
    await world.settle()

    assert.deepEqual(new Set(receipts.map(({ tag }) => tag)), new Set(['deferred']))
    assert.deepEqual(world.landed.at(-1)?.causes.slice(1), ids)
    assert.equal(await chainOf(process), foldOf(['m0', 'settled m0', ...ids]))
    assert.deepEqual(process.channel.texts(), [
      '1 m0',
      'ok {"n":1}',
      ...ids.map((id, index) => `${index + 3} ${id}`)
    ])
  })

  it('are taken eight a commit, the rest right after and before anything newer', async () => {
    const { world, process, pay } = await waiting()
    const ids = numbered(20)
    for (const id of ids) await process.say(id)
    const atMs = world.clock.nowMs()
    const held = world.store.hold('commit')
    pay.answer(OK)
    await held.arrived
    const late = process.say('late')
    held.release()
    await world.settle()

    assert.equal((await late).tag, 'committed')
    assert.equal(await chainOf(process), foldOf(['m0', 'settled m0', ...ids, 'late']))
    const commits = world.landed.slice(-4)
    assert.deepEqual(
      commits.map(({ causes }) => causes.length),
      [9, 8, 4, 1]
    )
    for (const commit of commits) assert.ok(commit.atMs - atMs < 100)
  })

  it('go on right after, also when nobody says anything more', async () => {
    const { world, process, pay } = await waiting()
    for (const id of numbered(20)) await process.say(id)
    const atMs = world.clock.nowMs()

    pay.answer(OK)
    await world.settle()

    assert.ok(world.landed.every(row => row.atMs - atMs < 100))
    assert.equal(await chainOf(process), foldOf(['m0', 'settled m0', ...numbered(20)]))
  })

  it('wait once: a redelivery is told duplicate and taken once', async () => {
    const { world, process, pay } = await waiting()
    assert.equal((await process.say('m1')).tag, 'deferred')
    assert.equal((await process.say('m1')).tag, 'duplicate')

    pay.answer(OK)
    await world.settle()

    assert.equal((await process.say('m1')).tag, 'duplicate')
    assert.equal(await chainOf(process), foldOf(['m0', 'settled m0', 'm1']))
  })

  it('are shed when the inbox is full, before they are acknowledged', async () => {
    const { world, process, pay } = await waiting()
    const tags = []
    for (const id of numbered(34)) tags.push((await process.say(id)).tag)
    pay.answer(OK)
    await world.settle()

    assert.deepEqual(
      tags.map(tag => tag === 'deferred'),
      tags.map((_, index) => index < 32)
    )
    assert.equal(await chainOf(process), foldOf(['m0', 'settled m0', ...numbered(32)]))
  })

  it('are told once of the progress when the call takes long', async () => {
    const { world, process, pay } = await waiting({ progressAfterMs: 4_000 })
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

  it('survive a kill of the process with the call', async () => {
    const { world, process, pay } = await waiting()
    for (const id of numbered(3)) await process.say(id)
    process.kill()
    const bot = chainProgram({ calls: { pay: pay.definition } })
    const second = await world.start({ bot, instance: 'p0' })

    pay.answer(OK)
    await world.settle()

    assert.equal(await chainOf(second), foldOf(['m0', 'settled m0', ...numbered(3)]))
  })

  it('that start a call make the rest wait again', async () => {
    const { world, process, pay } = await waiting()
    await process.say('m1')
    await process.say('m2', 'call pay')
    await process.say('m3')
    pay.made[0]?.end({ _tag: 'Right', right: OK })
    await world.pass(200)
    assert.equal((await process.chat().inspect())?.waiting, 1)

    pay.answer(OK)
    await world.settle()

    assert.equal(
      await chainOf(process),
      foldOf(['m0', 'settled m0', 'm1', 'm2', 'settled m2', 'm3'])
    )
  })

  it('are taken at once when the call is let go', async () => {
    const { world, process } = await waiting()
    await process.say('m1')

    const receipt = process.say('m2', 'detach')
    await world.pass(200)

    assert.equal((await receipt).tag, 'committed')
    assert.equal(await chainOf(process), foldOf(['m0', 'm2', 'm1']))
  })
})

describe('a poison message in the inbox', () => {
  const poison = (onReset?: () => void): ChainOptions => ({
    hook: ({ calls }, { id }) => {
      if (id.startsWith('bad') && calls.length === 0) throw new Error('planned')
      return undefined
    },
    ...(onReset === undefined ? {} : { onReset })
  })

  it('does not take the result of the call with it, nor the messages around it', async () => {
    const { world, process, pay } = await waiting(poison())
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
    assert.equal(await chainOf(process), foldOf(['reset bad2', 'm3']))
  })

  it('does not count against the message behind it', async () => {
    let runs = 0
    const { world, process, pay } = await waiting({
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

  it('is set aside with the state as it was when even its reset fails', async () => {
    const fails = (): never => {
      throw new Error('planned')
    }
    const { world, process, pay } = await waiting(poison(fails))
    for (const id of ['bad1', 'm1']) await process.say(id)

    pay.answer(OK)
    await world.settle()

    assert.equal(process.heard.filter(({ name }) => name === 'alarm').length, 1)
    assert.equal((await world.model.parked(process.chat().id)).length, 1)
    assert.equal(await chainOf(process), foldOf(['m0', 'settled m0', 'm1']))
  })

  it('that decides what cannot be committed has a turn of its own', async () => {
    const { world, process, pay } = await waiting({
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
    assert.equal(await chainOf(process), foldOf(['reset bad', 'm2']))
  })

  it('that says too much for the replies that wait has a turn of its own', async () => {
    const { world, process, pay } = await waiting()
    process.channel.answer = () => ({ tag: 'later', afterMs: 2_000, why: 'away' })
    for (const id of numbered(4)) await process.say(id, 'say 30')

    pay.answer(OK)
    await world.pass(5_000)
    assert.ok((await process.chat().inspect())!.waiting > 0)
    process.channel.answer = () => ({ tag: 'sent', providerId: null })
    await world.pass(60_000)

    assert.equal(await chainOf(process), foldOf(['m0', 'settled m0', ...numbered(4)]))
    assert.equal((await world.model.parked(process.chat().id)).length, 0)
  })

  it('that the bot wants to ignore is taken out and stops nothing', async () => {
    const { world, process, pay } = await waiting({
      hook: (state, { id }) =>
        id === 'mute' && state.calls.length === 0 ? { tag: 'ignore', why: 'planned' } : undefined
    })
    for (const id of ['mute', 'm1']) await process.say(id)

    pay.answer(OK)
    await world.settle()

    assert.equal((await process.chat().inspect())?.waiting, 0)
    assert.equal(await chainOf(process), foldOf(['m0', 'settled m0', 'm1']))
  })
})

describe('an inbox that two processes see', () => {
  it('is taken once, in order, and before what is newer', async () => {
    const world = aWorld()
    const pay = aCall('pay')
    const bot = chainProgram({ calls: { pay: pay.definition } })
    const one = await world.start({ bot })
    const two = await world.start({ bot })
    await one.say('m0', 'call pay')
    for (const id of numbered(12)) await (id.length % 2 === 0 ? one : two).say(id)

    pay.answer(OK)
    const late = two.say('late')
    await world.settle()
    await world.pass(30_000)

    const order = ['m0', 'settled m0', ...numbered(12)]
    const chain = await chainOf(two)
    const { tag } = await late
    assert.ok(tag === 'committed' || tag === 'deferred')
    const lateAt = world.landed.findIndex(({ causes }) => causes.includes('late'))
    assert.ok(lateAt > 0)
    assert.ok([foldOf([...order, 'late'])].includes(String(chain)))
  })

  it('loses no message that was made to wait just as the call was settled', async () => {
    const world = aWorld()
    const pay = aCall('pay')
    const bot = chainProgram({ calls: { pay: pay.definition } })
    const one = await world.start({ bot })
    const two = await world.start({ bot })
    await one.say('m0', 'call pay')
    await two.say('m1')
    // Two has decided to let it wait; before the store hears of it, one settles the call.
    const held = world.store.hold('defer')
    const receipt = two.say('m2')
    await held.arrived
    pay.answer(OK)
    await world.pass(200)
    held.release()
    await world.settle()

    assert.equal((await receipt).tag, 'deferred')
    await world.pass(15_000)
    assert.equal(await chainOf(one), foldOf(['m0', 'settled m0', 'm1', 'm2']))
  })

  it('has a row taken once although both processes are at it', async () => {
    const world = aWorld()
    const pay = aCall('pay')
    const bot = chainProgram({ calls: { pay: pay.definition } })
    const one = await world.start({ bot })
    const two = await world.start({ bot })
    await one.say('m0', 'call pay')
    for (const id of numbered(20)) await one.say(id)
    pay.made[0]?.end({ _tag: 'Right', right: OK })
    const address = { channel: 'chan', account: 'a', user: 'u' }
    for (let n = 0; n < 6; n += 1) {
      two.host.present(address)
      one.host.present(address)
      await world.pass(3)
    }
    await world.settle()
    await world.pass(30_000)

    assert.equal(await chainOf(one), foldOf(['m0', 'settled m0', ...numbered(20)]))
  })
})
