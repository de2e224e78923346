import assert from 'node:assert/strict'
import type { TurnEvent } from '../../lib/conversation/turn-event.ts'
import { seededRandom } from '../../lib/kernel/random.ts'
import { operatorOf } from '../../lib/ops/operator.ts'
import { aWorld, type Process, until, type World } from '../support/a-world.ts'
import { type ChainOptions, chainProgram, foldOf } from '../support/chain-program.ts'

/** A bot that throws on events of these ids, and how often it was run on each. */
function failing(
  isBad: (event: TurnEvent) => boolean,
  options: Omit<ChainOptions, 'hook'> & { readonly times?: number } = {}
): { bot: ReturnType<typeof chainProgram>; runs: Map<string, number> } {
  const runs = new Map<string, number>()
  const { times = Number.POSITIVE_INFINITY } = options
  const bot = chainProgram({
    ...options,
    hook: (_state, event) => {
      const run = (runs.get(event.id) ?? 0) + 1
      runs.set(event.id, run)
      if (isBad(event) && run <= times) throw new TypeError('words of a member: 4111')
      return undefined
    }
  })
  return { bot, runs }
}

const BY = { by: 'eve', reason: 'mended' } as const

const named = (process: Process, name: string): unknown[] =>
  process.heard.filter(heard => heard.name === name).map(({ event }) => event)

async function parkedIn(world: World, process: Process): Promise<{ code: string; id: string }[]> {
  const rows = await world.model.parked(process.chat().id)
  return rows.map(row => JSON.parse(row) as { code: string; id: string })
}

describe('a bot that throws', () => {
  it('once is run again on the last valid state, and has one effect', async () => {
    const world = aWorld()
    const { bot, runs } = failing(({ id }) => id === 'm1', { times: 1 })
    const process = await world.start({ bot })
    await process.say('m0')

    const receipt = process.say('m1')
    await world.settle()

    assert.equal((await receipt).tag, 'committed')
    assert.equal(runs.get('m1'), 2)
    assert.equal(named(process, 'restarted').length, 1)
    assert.equal((await process.chat().inspect())?.data['chain'], foldOf(['m0', 'm1']))
    assert.deepEqual(await parkedIn(world, process), [])
  })

  it('always is run four times, then reset: core kept, apology, event parked (B38)', async () => {
    const world = aWorld()
    const { bot, runs } = failing(({ id }) => id === 'bad')
    const process = await world.start({ bot })
    await process.say('m0')
    const before = (await process.chat().inspect())?.core

    const receipt = process.say('bad')
    await world.settle()

    assert.deepEqual(await receipt, { tag: 'parked' })
    assert.equal(runs.get('bad'), 4)
    assert.equal(named(process, 'restarted').length, 3)
    assert.equal(named(process, 'parked').length, 1)
    assert.deepEqual(process.channel.texts(), ['1 m0', 'sorry'])
    assert.deepEqual((await process.chat().inspect())?.core, before)
    const [parked] = await parkedIn(world, process)
    assert.equal(parked?.code, 'CHP_DECIDE_THREW')
    assert.equal(parked?.id, 'bad')
  })

  it('keeps what is queued behind it, and the next message works', async () => {
    const world = aWorld()
    const { bot } = failing(({ id }) => id === 'bad')
    const process = await world.start({ bot })

    const receipts = ['m0', 'bad', 'm1', 'm2'].map(id => process.say(id))
    await world.settle()

    assert.deepEqual(
      (await Promise.all(receipts)).map(({ tag }) => tag),
      ['committed', 'parked', 'committed', 'committed']
    )
    const { data } = (await process.chat().inspect()) ?? {}
    assert.equal(data?.['chain'], foldOf(['reset bad', 'm1', 'm2']))
  })

  it('on a message that was parked and is delivered again has no second effect', async () => {
    const world = aWorld()
    const { bot } = failing(({ id }) => id === 'bad')
    const process = await world.start({ bot })
    const first = process.say('bad')
    await world.settle()
    assert.equal((await first).tag, 'parked')

    const again = process.say('bad')
    await world.settle()

    assert.equal((await again).tag, 'duplicate')
    assert.equal(world.landed.length, 1)
    assert.deepEqual(process.channel.texts(), ['sorry'])
    assert.equal((await parkedIn(world, process)).length, 1)
  })

  it('counts runs of one event: three failures of each of many events reset nothing', async () => {
    const world = aWorld()
    const { bot } = failing(() => true, { times: 3 })
    const process = await world.start({ bot })

    const receipts = ['m0', 'm1', 'm2'].map(id => process.say(id))
    await world.settle()

    assert.deepEqual(
      (await Promise.all(receipts)).map(({ tag }) => tag),
      ['committed', 'committed', 'committed']
    )
    assert.equal(named(process, 'restarted').length, 9)
    assert.equal(named(process, 'parked').length, 0)
  })

  it('on timers only leaves the messages alone, and the timer is parked and gone', async () => {
    const world = aWorld()
    const { bot, runs } = failing(({ kind }) => kind === 'TimerDue')
    const process = await world.start({ bot })
    await process.say('m0', 'remind 2000')

    await world.pass(60_000)
    const receipt = process.say('m1')
    await world.settle()

    assert.equal((await receipt).tag, 'committed')
    const timerRuns = [...runs].filter(([id]) => id.startsWith('m0@')).map(([, count]) => count)
    assert.deepEqual(timerRuns, [4])
    assert.equal(named(process, 'parked').length, 1)
    assert.deepEqual(process.channel.texts(), ['1 m0', 'sorry', '2 m1'])
  })

  it('in its first state of all is a defect like any other', async () => {
    const world = aWorld()
    const bot = chainProgram()
    const broken = {
      ...bot,
      initial: (): never => {
        throw new TypeError('planned')
      }
    }
    const process = await world.start({ bot: broken })

    const receipt = process.say('m0')
    await world.settle()
    await world.pass(5_000)

    assert.deepEqual(await receipt, {
      tag: 'shed',
      reason: 'CHP_DECIDE_THREW',
      retryAfterMs: 60_000
    })
    assert.equal(named(process, 'alarm').length, 1)
  })

  it('in the reset too holds the conversation: nothing is lost, a person is told', async () => {
    const world = aWorld()
    let isIll = false
    const bot = chainProgram({
      hook: (_state, { id }) => {
        if (isIll && id !== 'm2') throw new Error('planned')
        return undefined
      },
      onReset: () => {
        throw new Error('planned too')
      }
    })
    const process = await world.start({ bot })
    await process.say('m0')
    isIll = true

    const receipts = ['m1', 'm2'].map(id => process.say(id))
    await world.settle()
    await world.pass(5_000)

    assert.deepEqual(
      (await Promise.all(receipts)).map(({ tag }) => tag),
      ['deferred', 'deferred']
    )
    assert.deepEqual([named(process, 'alarm').length, named(process, 'parked').length], [1, 0])
    assert.deepEqual(await world.model.parked(process.chat().id), [])
    const { held, waiting } = (await process.chat().inspect())!
    assert.deepEqual([held?.by, held?.failed?.code, waiting], ['policy', 'CHP_DECIDE_THREW', 2])
    assert.equal((await process.say('m1')).tag, 'duplicate')

    isIll = false
    await until(world.clock, operatorOf(process.runtime).resume(process.chat().id, BY))
    await world.settle()

    const after = await process.chat().inspect()
    assert.equal(after?.data['chain'], foldOf(['m0', 'm1', 'm2']))
    assert.deepEqual(process.channel.texts().slice(-2), ['2 m1', '3 m2'])
  })

  it('in the reset too is shed when it cannot even be parked', async () => {
    const world = aWorld()
    const fails = (): never => {
      throw new Error('planned')
    }
    const bot = { ...chainProgram({ hook: fails, onReset: fails }), invalid: fails }
    const process = await world.start({ bot })

    const receipt = process.say('m0')
    await world.settle()

    const refused = { tag: 'shed', reason: 'CHP_DECIDE_THREW', retryAfterMs: 60_000 }
    assert.deepEqual(await receipt, refused)
    assert.equal((await world.model.load(process.chat().id)).fence, null)
  })

  it('never gets the words of a member into the log', async () => {
    const world = aWorld()
    const { bot } = failing(({ id }) => id === 'bad')
    const process = await world.start({ bot })

    const receipt = process.say('bad', 'words of a member: 4111')
    await world.settle()

    assert.equal((await receipt).tag, 'parked')
    assert.ok(process.log.some(line => line.includes('TypeError at ')))
    assert.deepEqual(
      process.log.filter(line => line.includes('4111')),
      []
    )
    const parked = (await world.model.parked(process.chat().id)).join('\n')
    assert.equal(parked.includes('4111'), false)
  })

  it('starts again from what is stored, not from what it may have spoilt', async () => {
    const world = aWorld()
    let runs = 0
    const bot = chainProgram({
      hook: ({ flow }, { id }) => {
        if (id !== 'm1') return undefined
        runs += 1
        if (runs > 1) return undefined
        Object.assign(flow.data, { chain: 'spoilt' })
        throw new Error('planned')
      }
    })
    const process = await world.start({ bot })
    await process.say('m0')

    const receipt = process.say('m1')
    await world.settle()

    assert.equal((await receipt).tag, 'committed')
    assert.equal((await process.chat().inspect())?.data['chain'], foldOf(['m0', 'm1']))
  })

  it('ends in a receipt although supervision itself fails', async () => {
    const world = aWorld()
    const { bot } = failing(({ id }) => id === 'bad')
    const seeded = seededRandom(1)
    let isBroken = false
    const fraction = (): number => {
      if (isBroken) throw new Error('planned')
      return seeded.fraction()
    }
    const process = await world.start({ bot, random: { ...seeded, fraction } })
    await process.say('m0')
    isBroken = true

    const receipts = [process.say('bad'), process.say('m1')]
    await world.settle()

    assert.deepEqual(await receipts[0], {
      tag: 'shed',
      reason: 'unforeseen failure',
      retryAfterMs: 1_000
    })
    assert.equal((await receipts[1])?.tag, 'committed')
  })

  it('is not mistaken for a store that is away: no outage counts as a run', async () => {
    const world = aWorld()
    const { bot, runs } = failing(({ id }) => id === 'm0', { times: 3 })
    const process = await world.start({ bot })
    world.store.plan('load', { fail: 'before' }, { times: 6 })

    const receipt = process.say('m0')
    await world.settle()

    assert.equal((await receipt).tag, 'committed')
    assert.equal(runs.get('m0'), 4)
    assert.equal(named(process, 'parked').length, 0)
  })
})
