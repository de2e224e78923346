import assert from 'node:assert/strict'
import { operatorOf } from '../../lib/ops/operator.ts'
import type { RuntimeEvents } from '../../lib/runtime/trace.ts'
import { checkEventLog } from '../../lib/testing/check-event-log.ts'
import type { EventLine } from '../../lib/testing/event-log/event-line.ts'
import { aWorld, until } from '../support/a-world.ts'
import { chainProgram, foldOf } from '../support/chain-program.ts'
import { SENT } from '../support/recorded-channel.ts'
import {
  asked,
  BY,
  firstOf,
  parkedOf,
  REFUSED,
  refusing,
  stateOf
} from '../support/refusing-channel.ts'

describe('a reply that its channel refuses for good', () => {
  it('is parked with its reason by what acknowledges it, and holds nothing up', async () => {
    const world = aWorld()
    const process = await refusing(world)
    const told: RuntimeEvents['undeliverable'][] = []
    process.runtime.on('undeliverable', event => told.push(event))
    await process.say('m0', 'say 2')
    await world.pass(100)
    assert.deepEqual(process.channel.texts().length, 1)
    assert.deepEqual(await stateOf(world, process), [[1, 2], 0, 0])

    await world.pass(1_000)

    assert.deepEqual(await stateOf(world, process), [[], 2, 1])
    assert.equal(world.store.calls.filter(({ call }) => call === 'acknowledged').length, 0)
    const event = firstOf(await parkedOf(world, process))
    const { id, code, kind, cause, why, provider, state, where, version } = event
    assert.deepEqual(
      [id, code, kind, why, provider, state, where, version],
      [
        world.offers[0]?.key,
        'CHP_REPLY_REFUSED',
        'Reply',
        'code 131026: undeliverable',
        '131026',
        'open',
        'CHAIN.link',
        2
      ]
    )
    assert.equal(cause, 'CHP_REPLY_REFUSED chan 131026')
    assert.deepEqual(
      told.map(({ key, parked }) => [key, parked]),
      [[id, true]]
    )
    assert.equal((await world.model.stats()).parked, 1)
    const [text = ''] = await world.model.parked(process.chat().id)
    assert.equal(
      [text, ...process.log].some(line => line.includes('1 m0')),
      false
    )
    assert.equal((await process.chat().inspect())?.data['chain'], foldOf(['m0']))
  })

  it('is parked by the next commit when that comes soon', async () => {
    const world = aWorld()
    const process = await refusing(world)
    await process.say('m0')
    await world.pass(50)

    await process.say('m1')

    assert.deepEqual(await stateOf(world, process), [[2], 1, 1])
    const causes = world.landed.flatMap(landed => landed.causes)
    assert.equal(
      causes.some(cause => cause.includes('ReplyRefused')),
      false
    )
    assert.equal(causes.length, 2)
  })

  it('is owed until that is written, and parked once, whatever ends its process', async () => {
    const world = aWorld()
    const process = await refusing(world)
    await process.say('m0', 'say 2')
    await world.pass(100)
    process.kill()
    assert.deepEqual(await stateOf(world, process), [[1, 2], 0, 0])

    const next = await refusing(world)
    await world.pass(30_000)

    assert.deepEqual(await stateOf(world, next), [[], 2, 1])
    const keys = world.offers.filter(({ ended }) => ended === 'refused').map(({ key }) => key)
    assert.deepEqual([keys.length, new Set(keys).size], [2, 1])
  })

  for (const fail of ['before', 'after'] as const)
    it(`is parked once though the store fails ${fail} it does so`, async () => {
      const world = aWorld()
      const process = await refusing(world)
      await process.say('m0', 'say 2')
      await world.pass(100)
      world.store.plan('commit', { fail }, { times: 6 })

      await world.pass(90_000)

      assert.deepEqual(await stateOf(world, process), [[], 2, 1])
      assert.equal(world.offers.length, 2)
    })

  it('is parked though it is refused while the one before it is being parked', async () => {
    const world = aWorld()
    const process = await world.start()
    let release: () => void = () => undefined
    process.channel.answer = ({ key }) => {
      if (key.split('.')[2] === '1') return REFUSED
      return new Promise(resolve => {
        release = () => resolve(REFUSED)
      })
    }
    await process.say('m0', 'say 2')
    const parking = world.store.hold('commit')
    await world.pass(600)
    await parking.arrived
    release()
    await world.pass(5)
    parking.release()

    await world.pass(5_000)

    assert.deepEqual(await stateOf(world, process), [[], 2, 2])
    assert.equal(world.store.calls.filter(({ call }) => call === 'acknowledged').length, 0)
  })

  it('is parked before its process has stopped', async () => {
    const world = aWorld()
    const process = await refusing(world)
    await process.say('m0', 'say 2')
    await world.pass(100)

    await until(world.clock, process.runtime.stop())

    const { undelivered } = await world.model.load(world.landed[0]?.conversation ?? '')
    const parked = await world.model.parked(world.landed[0]?.conversation ?? '')
    assert.deepEqual([undelivered.length, parked.length], [0, 1])
  })

  it('is parked once though another process commits first', async () => {
    const world = aWorld()
    const [one, two] = [await refusing(world), await refusing(world)]
    await one.say('m0')
    await world.pass(50)

    await until(world.clock, two.say('m1'))
    await until(world.clock, two.say('m2'))
    await world.pass(60_000)

    assert.deepEqual(await stateOf(world, two), [[], 3, 1])
    assert.equal(one.heard.filter(({ name }) => name === 'rollback').length, 0)
  })

  it('has what fails on the way run again at once, though nothing is left to park', async () => {
    const world = aWorld()
    const broken = (event: { readonly id: string }) =>
      event.id === 'm2' ? assert.fail('broken') : undefined
    const options = {
      bot: chainProgram({ hook: (_state, event) => broken(event) }),
      limits: { sweepEveryMs: 60_000 }
    }
    const one = await world.start(options)
    let refuse: () => void = () => undefined
    one.channel.answer = () =>
      new Promise(resolve => {
        refuse = () => resolve(REFUSED)
      })
    await one.say('m0')
    const two = await world.start(options)
    const ops = operatorOf(two.runtime)
    const { id } = one.chat()
    await until(world.clock, ops.hold(id, BY))
    for (const waits of ['m1', 'm2']) await until(world.clock, two.say(waits))
    const resume = world.store.hold('commit')
    void ops.resume(id, BY)
    await resume.arrived
    two.kill()
    resume.release()

    refuse()
    await world.pass(3_000)

    const causes = world.landed.map(({ causes, parked }) => [causes[0], parked])
    assert.deepEqual(causes.slice(-2), [
      ['m1', false],
      ['m2', true]
    ])
    assert.equal(one.heard.filter(({ name }) => name === 'restarted').length, 3)
  })

  it('is parked also while an operator holds the conversation', async () => {
    const world = aWorld()
    const process = await refusing(world)
    await process.say('m0')
    const { id } = process.chat()
    await until(world.clock, operatorOf(process.runtime).hold(id, BY))

    await world.pass(2_000)

    assert.deepEqual(await stateOf(world, process), [[], 1, 1])
    assert.deepEqual((await world.model.heldList(null, 10)).ids, [id])
  })

  it('leaves a log in which every refused reply is parked', async () => {
    const world = aWorld()
    const lines: string[] = []
    const process = await world.start({ eventLog: line => lines.push(line) })
    process.channel.answer = ({ key }) => (key.split('.')[2] === '2' ? SENT : REFUSED)
    for (const id of ['m0', 'm1', 'm2']) await process.say(id)
    await world.pass(2_000)
    process.channel.answer = () => SENT
    const { key } = firstOf(await parkedOf(world, process))
    await asked(world, process, ops => ops.redrive(process.chat().id, key, BY))

    assert.deepEqual(checkEventLog(lines, { isHealed: true }).violations, [])
    const told = lines.map(line => JSON.parse(line) as EventLine)
    const parked = told.flatMap(({ kind, refused = [] }) => (kind === 'commit.try' ? refused : []))
    const keys = world.offers.filter(({ ended }) => ended === 'refused').map(offer => offer.key)
    assert.deepEqual(parked, keys)
    assert.deepEqual(
      told.flatMap(({ kind, resends }) => (kind === 'commit.try' ? (resends ?? []) : [])),
      [keys[0]]
    )
  })

  for (const act of ['reset', 'hold', 'escalate'] as const)
    it(`moves no member when parking it fails under ${act}`, async () => {
      const world = aWorld()
      const bug = { isThere: false }
      const chain = chainProgram()
      const invalid: typeof chain.invalid = state => {
        if (bug.isThere) throw new Error('bug')
        return chain.invalid(state)
      }
      const bot = { ...chain, invalid }
      const process = await world.start({ bot, policy: { rules: [{ do: act }] } })
      process.channel.answer = () => REFUSED
      process.runtime.on('failure', () => {
        bug.isThere = false
      })
      await process.say('m0')
      bug.isThere = true

      await world.pass(2_000)

      const acts = process.heard.map(({ name, event }) => [name, (event as { act?: string }).act])
      assert.deepEqual(
        acts.filter(([name]) => name !== 'alarm'),
        [['parked', 'park']]
      )
      const { id } = process.chat()
      assert.deepEqual((await process.chat().inspect())?.data['chain'], foldOf(['m0']))
      assert.deepEqual((await world.model.load(id)).undelivered, [])
      assert.deepEqual((await world.model.heldList(null, 10)).ids, [])
      assert.deepEqual(world.offers.length, 1)
      const kinds = (await parkedOf(world, process)).map(({ kind }) => kind)
      assert.ok(kinds.includes('Reply'), kinds.join(' '))
    })

  it('is not kept when it is one to drop', async () => {
    const world = aWorld()
    const process = await refusing(world, { tag: 'dropped', why: 'over 24 h' })
    const told: boolean[] = []
    process.runtime.on('undeliverable', ({ parked }) => told.push(parked))
    await process.say('m0')
    await process.say('m1')
    await world.pass(2_000)

    assert.deepEqual(await stateOf(world, process), [[], 2, 0])
    assert.deepEqual([told, process.channel.texts()], [[false], ['2 m1']])
  })
})
