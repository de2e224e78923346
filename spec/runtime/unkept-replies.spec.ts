import assert from 'node:assert/strict'
import type { Migration } from '../../lib/conversation/migration.ts'
import type { Program } from '../../lib/conversation/program.ts'
import { roomBeside } from '../../lib/runtime/unkept-replies.ts'
import { checkEventLog } from '../../lib/testing/check-event-log.ts'
import { aWorld, type Process, until, type World } from '../support/a-world.ts'
import { chainProgram } from '../support/chain-program.ts'
import { SENT } from '../support/recorded-channel.ts'
import { asked, BY, parkedOf, REFUSED, refusing, stateOf } from '../support/refusing-channel.ts'

const SAME: Migration = { from: 1, to: 2, up: state => state, down: state => state }

/** A bot that throws on every commit while its bug is there. */
function failing(bug: { readonly isThere: boolean }): Program {
  const chain = chainProgram()
  const place: Program['place'] = state => {
    if (bug.isThere) throw new Error('a bug')
    return chain.place(state)
  }
  return { ...chain, place }
}

describe('a refused reply that cannot be parked', () => {
  it('keeps nothing sent beside it owed, once only another build can read the record', async () => {
    const world = aWorld()
    const lines: string[] = []
    const one = await world.start({ eventLog: line => lines.push(line) })
    const newer = { ...chainProgram(), schema: 2, migrations: [SAME] }
    const two = await world.start({ bot: newer, eventLog: line => lines.push(line) })
    const kept = told(one)
    for (const { channel } of [one, two])
      channel.answer = ({ key }) => (key.split('.')[2] === '1' ? REFUSED : SENT)
    await one.say('m0', 'say 2')
    await world.pass(20)
    await until(world.clock, two.say('m1'))

    await world.pass(60_000)

    assert.deepEqual(await stateOf(world, two), [[], 3, 0])
    assert.deepEqual(endsOf(world), ['1:refused', '2:sent', '3:sent'])
    assert.deepEqual(kept, [true, false])
    assert.equal(one.log.filter(line => line.includes('"reply.unkept"')).length, 1)
    assert.deepEqual(checkEventLog(lines, { isHealed: true }).violations, [])
  })

  it('keeps nothing sent beside it owed while the store takes no commit', async () => {
    const world = aWorld()
    const one = await refusing(world)
    const kept = told(one)
    await refusing(world)
    await one.say('m0', 'say 2')
    world.store.plan('commit', { fail: 'before', code: 'CHP_STORE_REFUSED' }, { times: 10_000 })

    await world.pass(60_000)

    assert.deepEqual(await stateOf(world, one), [[], 2, 0])
    assert.deepEqual(endsOf(world), ['1:refused', '2:sent'])
    assert.deepEqual(kept, [true, false])
  })

  it('keeps nothing sent beside it owed while a row that waits cannot be read', async () => {
    const world = aWorld()
    const one = await world.start()
    const kept = told(one)
    let isOpen = false
    one.channel.answer = ({ key }) => {
      if (!isOpen) return { tag: 'later', why: 'not yet', afterMs: 100 }
      return key.split('.')[2] === '1' ? REFUSED : SENT
    }
    await one.say('m0', 'say 2')
    await asked(world, one, ops => ops.hold(one.chat().id, BY))
    await until(world.clock, one.say('m1'))
    await withoutKey(world, one)
    await asked(world, one, ops => ops.resume(one.chat().id, BY))
    isOpen = true

    await world.pass(60_000)

    assert.deepEqual(await stateOf(world, one), [[], 2, 0])
    assert.deepEqual(kept, [true, false])
    assert.equal((await world.model.load(one.chat().id)).inbox.length, 1)
  })

  it('keeps nothing sent beside it owed while the bot fails on the record', async () => {
    const world = aWorld()
    const bug = { isThere: false }
    const one = await world.start({ bot: failing(bug) })
    const kept = told(one)
    one.channel.answer = ({ key }) => (key.split('.')[2] === '1' ? REFUSED : SENT)
    await one.say('m0', 'say 2')
    bug.isThere = true
    await world.pass(60_000)
    const failures = one.log.filter(line => line.includes('"actor.crashed"')).length

    await world.pass(60_000)

    assert.deepEqual(await stateOf(world, one), [[], 2, 0])
    assert.deepEqual(endsOf(world), ['1:refused', '2:sent'])
    assert.deepEqual(kept, [true, false])
    assert.equal(failures, 4)
    assert.equal(one.log.filter(line => line.includes('"actor.crashed"')).length, 4)
  })

  it('is parked by the next commit when the bot failed on it, being alone', async () => {
    const world = aWorld()
    const bug = { isThere: false }
    const one = await world.start({ bot: failing(bug) })
    const kept = told(one)
    one.channel.answer = () => REFUSED
    await one.say('m0')
    bug.isThere = true
    await world.pass(60_000)
    const failures = one.log.filter(line => line.includes('"actor.crashed"')).length
    assert.deepEqual(await stateOf(world, one), [[1], 0, 0])
    bug.isThere = false

    await one.say('m1', 'silent')
    await world.pass(10_000)

    assert.deepEqual(await stateOf(world, one), [[], 1, 1])
    assert.deepEqual([kept, failures], [[true], 4])
  })

  it('stays owed when nothing was sent beside it, and is parked in the end', async () => {
    const world = aWorld()
    const process = await refusing(world)
    const kept = told(process)
    await process.say('m0')
    world.store.plan('commit', { fail: 'before', code: 'CHP_STORE_REFUSED' }, { times: 10_000 })
    await world.pass(8_000)
    assert.deepEqual(await stateOf(world, process), [[1], 0, 0])
    world.store.heal()

    await world.pass(30_000)

    assert.deepEqual(await stateOf(world, process), [[], 1, 1])
    assert.deepEqual(kept, [true])
  })

  it('pushes no parked message out: the twenty-first is told and not kept', async () => {
    const world = aWorld()
    const lines: string[] = []
    const bot = chainProgram({
      hook: (_state, event) =>
        event.kind === 'Inbound' && event.id === 'pay' ? assert.fail('a bug') : undefined
    })
    const process = await world.start({ bot, eventLog: line => lines.push(line) })
    const isKept = told(process)
    await process.say('m0')
    await until(world.clock, process.say('pay'))
    process.channel.answer = () => REFUSED
    for (let n = 1; n <= 25; n += 1) {
      await process.say(`r${n}`)
      await world.pass(700)
    }

    const kept = await parkedOf(world, process)
    assert.deepEqual([kept[0]?.id, kept.length], ['pay', 21])
    assert.deepEqual((await world.model.load(process.chat().id)).undelivered, [])
    assert.equal(isKept.filter(isOne => !isOne).length, 5)

    const { key } = kept[1] ?? assert.fail('no reply is parked')
    await asked(world, process, ops => ops.discard(process.chat().id, key, BY))
    await process.say('r26')
    await world.pass(2_000)
    assert.equal((await parkedOf(world, process)).length, 21)
    assert.deepEqual(checkEventLog(lines, { isHealed: true }).violations, [])
  })
})

describe('the room for refused replies', () => {
  const EVENT = JSON.stringify({ kind: 'Inbound' })
  const REPLY = JSON.stringify({ kind: 'Reply' })
  const DONE = JSON.stringify({ kind: 'Inbound', done: { how: 'discarded' } })
  const SENT_AGAIN = JSON.stringify({ kind: 'Reply', done: { how: 'redriven' } })
  const rows = (count: number, row: string) => Array.from({ length: count }, () => row)

  for (const [what, beside, room] of [
    ['nothing', [], 20],
    ['open replies', rows(15, REPLY), 5],
    ['as many as there may be', rows(30, REPLY), 0],
    ['only what is settled', rows(100, DONE), 20],
    ['an open event in front of many', [EVENT, ...rows(74, DONE)], 5],
    ['an open event in front of more', [EVENT, ...rows(99, DONE)], 0],
    ['an open event in front of settled replies', [EVENT, ...rows(33, SENT_AGAIN)], 7],
    ['settled replies', rows(90, SENT_AGAIN), 20],
    ['an open event behind many', [...rows(90, DONE), EVENT], 20],
    ['what nobody can read', ['{', ...rows(69, DONE), ...rows(8, REPLY)], 2]
  ] as const)
    it(`is ${room} beside ${what}`, () => {
      assert.equal(roomBeside(beside), room)
    })
})

const endsOf = ({ offers }: World) =>
  offers.map(({ key, ended }) => `${key.split('.')[2]}:${ended}`)

/** What waits is sealed with a key that is nowhere. */
async function withoutKey({ model }: World, process: Process): Promise<void> {
  const { id } = process.chat()
  const { fence } = await model.load(id)
  const { slots, history, inbox } = await model.export(id)
  const done = await model.rewrite(id, fence ?? assert.fail('nothing is stored'), {
    slots: slots.map(() => null),
    calls: [],
    inbox: inbox.map(({ row }) => row.replace(/^store\.(.*)~.*$/, 'other.$1')),
    history: history.map(() => null),
    parked: []
  })
  assert.equal(done, 'done')
}

/** Of each reply that was given up, whether it is kept, as it was told. */
function told({ runtime }: Process): readonly boolean[] {
  const parked: boolean[] = []
  runtime.on('undeliverable', event => parked.push(event.parked))
  return parked
}
