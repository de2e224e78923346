import assert from 'node:assert/strict'
import type { Receipt } from '../../lib/channel/channel.ts'
import { aWorld, type Process, until, type World } from '../support/a-world.ts'
import { chainProgram, foldOf } from '../support/chain-program.ts'

const CALLS = [
  'load',
  'commit',
  'defer',
  'acknowledged',
  'settleDue',
  'claimDue',
  'claimOwn',
  'time'
] as const

/** Lets no call reach the store from now on, or no answer come back, until it is healed. */
function down({ store }: World, fail: 'before' | 'after' = 'before'): void {
  for (const call of CALLS) store.plan(call, { fail }, { times: Number.POSITIVE_INFINITY })
}

/** Hands the message in until it is taken, as a provider does. */
async function delivered(world: World, one: Process, id: string, user = 'u'): Promise<Receipt> {
  for (;;) {
    const receipt = await one.say(id, 'hi', user)
    if (receipt.tag !== 'shed') return receipt
    await new Promise<void>(resolve => void world.clock.after(receipt.retryAfterMs, resolve))
  }
}

const eventsOf = ({ log }: Process, level: RegExp): string[] =>
  log.flatMap(line => level.exec(line)?.[1] ?? [])

describe('a store that is away for half a minute', () => {
  for (const fail of ['before', 'after'] as const)
    it(`costs nothing but time when calls fail ${fail} they happen`, async () => {
      const world = aWorld()
      const one = await world.start()
      const users = Array.from({ length: 20 }, (_, index) => `u${index}`)
      const sent = ['m0', 'm1', 'm2', 'm3']
      const first = users.map(user => delivered(world, one, 'm0', user))
      await world.settle()
      await Promise.all(first)

      down(world, fail)
      const rest = users.flatMap(user => sent.slice(1).map(id => delivered(world, one, id, user)))
      await world.pass(30_000)
      world.store.heal()
      await world.pass(1_000)
      assert.equal(one.runtime.ready, true)
      for (const receipt of await until(world.clock, Promise.all(rest)))
        assert.notEqual(receipt.tag, 'parked')
      await world.settle()

      for (const user of users) {
        const { id } = one.chat(user)
        const rows = world.landed.filter(({ conversation }) => conversation === id)
        assert.deepEqual(
          rows.map(({ version }) => version),
          [1, 2, 3, 4]
        )
        const order = rows.flatMap(({ causes }) => causes)
        assert.deepEqual(order.toSorted(), sent)
        assert.equal((await one.chat(user).inspect())?.data['chain'], foldOf(order))
        assert.equal((await world.model.parked(id)).length, 0)
      }
      assert.deepEqual(
        one.heard.map(({ name, event }) => [name, (event as { conversation: null }).conversation]),
        [['alarm', null]]
      )
    })

  it('is told once when it begins and once when it ends', async () => {
    const logged: string[] = []
    const note = (level: string) => (fields: object) =>
      void logged.push(`${level} ${(fields as { event: string }).event}`)
    const logger = {
      debug: () => undefined,
      info: () => undefined,
      warn: note('warn'),
      error: note('error')
    }
    const world = aWorld()
    const one = await world.start({ logger })
    const before = Array.from({ length: 30 }, (_, index) => one.say('m0', 'hi', `u${index}`))
    await world.settle()
    await Promise.all(before)
    logged.length = 0

    down(world)
    const receipts = Array.from({ length: 30 }, (_, index) => one.say('m1', 'hi', `u${index}`))
    await world.pass(30_000)
    world.store.heal()
    await world.pass(3_000)

    for (const { tag } of await Promise.all(receipts)) assert.equal(tag, 'shed')
    const told = logged.filter(line => line.includes('store.'))
    assert.deepEqual(told, ['warn store.away', 'error store.alarm', 'warn store.back'])
    assert.ok(logged.length <= 5, logged.join())
  })

  it('sheds at once what comes while it lasts, and takes it right after', async () => {
    const world = aWorld()
    const one = await world.start()
    down(world)
    const early = one.say('m0')
    await world.pass(2_000)
    assert.equal(one.runtime.ready, false)
    const atMs = world.clock.nowMs()

    const receipt = await one.say('m1')

    assert.equal(world.clock.nowMs(), atMs)
    assert.equal(receipt.tag === 'shed' && receipt.reason, 'CHP_STORE_UNAVAILABLE')
    world.store.heal()
    await world.pass(900)
    assert.equal((await early).tag, 'committed')
    assert.equal(one.runtime.ready, true)
    assert.equal((await one.say('m1')).tag, 'committed')
  })

  it('keeps a full mailbox no longer than one turn may take', async () => {
    const world = aWorld()
    const one = await world.start()
    const receipts = Array.from({ length: 32 }, (_, index) => one.say(`m${index}`))
    down(world)
    const fromMs = world.clock.nowMs()

    const ended = await until(world.clock, Promise.all(receipts))

    assert.ok(ended.every(({ tag }) => tag === 'shed'))
    const tookMs = world.clock.nowMs() - fromMs
    assert.ok(tookMs <= 5_600, `${tookMs} ms`)
  })

  it('counts no run of an event that fails for the bot’s sake before and after it', async () => {
    const world = aWorld()
    let runs = 0
    const bot = chainProgram({
      hook: (_, { id }) => {
        if (id !== 'bad') return undefined
        runs += 1
        if (runs === 1) down(world)
        if (runs <= 2) throw new TypeError('planned')
        return undefined
      }
    })
    const one = await world.start({ bot })

    const receipt = one.say('bad')
    await world.pass(3_000)
    assert.equal(runs, 1)
    world.store.heal()
    await world.settle()

    assert.equal((await receipt).tag, 'committed')
    assert.equal(runs, 3)
    const attempts = one.heard
      .filter(({ name }) => name === 'restarted')
      .map(({ event }) => (event as { attempt: number }).attempt)
    assert.deepEqual(attempts, [1, 2])
    assert.deepEqual(eventsOf(one, /"event":"(event\.parked|reset\.failed)"/), [])
  })

  it('ends with a wake of all that fell due, within seconds', async () => {
    const world = aWorld()
    const one = await world.start()
    const users = Array.from({ length: 60 }, (_, index) => `u${index}`)
    const receipts = users.map(user => one.say('m0', 'remind 10000', user))
    await world.settle()
    await Promise.all(receipts)
    down(world)
    await world.pass(30_000)

    world.store.heal()
    await world.pass(5_000)

    const fired = one.channel.texts().filter(said => said.startsWith('timer'))
    assert.equal(fired.length, users.length)
  })
})
