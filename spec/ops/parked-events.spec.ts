import assert from 'node:assert/strict'
import { openOperator, operatorOf } from '../../lib/ops/operator.ts'
import { aCall } from '../support/a-call.ts'
import { until, type World } from '../support/a-world.ts'
import {
  type Broken,
  BY,
  brokenCrowd,
  chainOf,
  idOf,
  listed,
  PARKS
} from '../support/broken-crowd.ts'
import { chainProgram, foldOf } from '../support/chain-program.ts'
import {
  DAMAGEABLE,
  type Damageable,
  damageable,
  type Talker
} from '../support/damaged-conversation.ts'
import { cutBeforeCore } from '../support/rewritten-record.ts'

describe('what was parked', () => {
  it('is listed with its context, and holds no words of a member', async () => {
    const { world, ask, process } = await brokenCrowd(PARKS, ['u1'])
    const [event, ...more] = listed(await ask(ops => ops.parkedEvents(idOf(process, 'u1'))))
    assert.deepEqual(more, [])
    const { id, code, where, attempts, state, build, version } = event!
    assert.deepEqual(
      [id, code, where, attempts, state, build, version],
      ['bad', 'CHP_DECIDE_THREW', 'CHAIN.link', 1, 'open', 'chain/1', 1]
    )
    assert.match(event?.message ?? '', /^TypeError at /)
    assert.ok((event?.stack.length ?? 0) > 0)
    const stored = await world.model.parked(process.chat('u1').id)
    assert.equal(stored.length, 1)
    assert.equal(JSON.stringify([event, stored, process.log]).includes('4111'), false)
  })

  it('is run again once, behind what came meanwhile', async () => {
    const { ask, process, mend } = await brokenCrowd(PARKS, ['u1'])
    const who = idOf(process, 'u1')
    const [event] = listed(await ask(ops => ops.parkedEvents(who)))
    mend()
    const again = (): Promise<{ tag: string }> => ask(ops => ops.redrive(who, event!.key, BY))

    assert.equal((await again()).tag, 'redriven')
    assert.equal((await again()).tag, 'redriven')

    assert.equal(await chainOf(process, 'u1'), foldOf(['m0', 'm1', 'bad']))
    assert.deepEqual(listed(await ask(ops => ops.parkedEvents(who))), [])
    const [after] = listed(await ask(ops => ops.parkedEvents(who, { settled: true })))
    assert.equal(after?.state, 'redriven')
    const page = await ask(ops => ops.history(who))
    const notes = page.tag === 'history' ? page.lines.flatMap(line => line.notes) : []
    assert.deepEqual(
      notes.filter(({ kind }) => kind === 'redriven'),
      [{ kind: 'redriven', parked: event?.key, ...BY }]
    )
  })

  it('is parked anew when it fails again', async () => {
    const { ask, process } = await brokenCrowd(PARKS, ['u1'])
    const who = idOf(process, 'u1')
    const [event] = listed(await ask(ops => ops.parkedEvents(who)))
    await ask(ops => ops.redrive(who, event!.key, BY))
    const all = await ask(ops => ops.parkedEvents(who, { settled: true }))
    assert.deepEqual(
      listed(all).map(({ state }) => state),
      ['redriven', 'open']
    )
    assert.deepEqual(await counted(ask), { ids: [who], parked: 1 })
  })

  it('leaves list and count once nothing of the conversation is left to look at', async () => {
    const { ask, process, mend } = await brokenCrowd(PARKS, ['u1', 'u2'], {
      said: ['m0', 'bad', 'bad2']
    })
    mend()
    const [one, other] = ['u1', 'u2'].map(user => idOf(process, user)) as [string, string]
    const keys = listed(await ask(ops => ops.parkedEvents(one))).map(({ key }) => key)

    await ask(ops => ops.redrive(one, keys[0]!, BY))
    assert.deepEqual(await counted(ask), { ids: [other, one].sort(), parked: 2 })
    const open = listed(await ask(ops => ops.parkedEvents(one)))
    assert.deepEqual(
      open.map(({ id, state }) => [id, state]),
      [['bad2', 'open']]
    )

    await ask(ops => ops.discard(one, keys[1]!, BY))
    assert.deepEqual(await counted(ask), { ids: [other], parked: 1 })
    assert.equal((await ask(ops => ops.redriveAll({}, BY))).count, 2)
    assert.deepEqual(await counted(ask), { ids: [], parked: 0 })
    const settled = listed(await ask(ops => ops.parkedEvents(one, { settled: true })))
    assert.deepEqual(
      settled.map(({ state }) => state),
      ['redriven', 'discarded']
    )
  })

  it('is given up for good with a reason, and then not run again', async () => {
    const { ask, process, mend } = await brokenCrowd(PARKS, ['u1'])
    const who = idOf(process, 'u1')
    const [event] = listed(await ask(ops => ops.parkedEvents(who)))
    assert.equal((await ask(ops => ops.discard(who, event!.key, BY))).tag, 'discarded')
    mend()
    const { tag, count } = await ask(ops => ops.redriveAll({}, BY))
    assert.deepEqual([tag, count], ['done', 0])
    assert.equal(await chainOf(process, 'u1'), foldOf(['m0', 'm1']))
    assert.deepEqual(await ask(ops => ops.causes()), [])
    await assert.rejects(ask(ops => ops.discard(who, event!.key, { by: 'eve', reason: '' })))
    const gone = await ask(ops => ops.redrive(who, 'nothing@1', BY))
    assert.ok(gone.tag === 'refused' && gone.code === 'CHP_PARKED_REFUSED')
  })

  it('is run again by cause: one first, and the others only when that went well', async () => {
    const users = ['u1', 'u2', 'u3', 'u4']
    const { ask, process, mend } = await brokenCrowd(PARKS, users)
    const [group, ...more] = await ask(ops => ops.causes())
    assert.deepEqual([group?.parked, group?.held, more.length], [4, 0, 0])
    const { cause } = group!

    const stopped = await ask(ops => ops.redriveAll({ cause }, BY))
    assert.deepEqual([stopped.tag, stopped.count], ['stopped', 1])
    for (const user of users) assert.equal(await chainOf(process, user), foldOf(['m0', 'm1']))

    mend()
    const done = await ask(ops => ops.redriveAll({ cause }, BY))
    assert.deepEqual([done.tag, done.count, done.refused], ['done', 4, []])
    for (const user of users) {
      assert.equal(await chainOf(process, user), foldOf(['m0', 'm1', 'bad']))
    }
  })

  it('does not keep others from being run when nobody can open it', async () => {
    const { world, ask, process, mend } = await brokenCrowd(PARKS, ['u1', 'u2', 'u3'])
    mend()
    const [first, second, third] = ['u1', 'u2', 'u3'].map(user => idOf(process, user))
    for (const id of [first!, third!]) await garbled(world, id)

    const done = await ask(ops => ops.redriveAll({}, BY))

    assert.deepEqual([done.tag, done.count, done.canary], ['done', 1, second])
    assert.deepEqual(
      done.refused.map(({ conversation }) => conversation),
      [first, third]
    )
    assert.match(done.refused[0]?.why ?? '', /^No seal key/)
    assert.equal(await chainOf(process, 'u2'), foldOf(['m0', 'm1', 'bad']))
    await assert.rejects(
      ask(ops => ops.redriveAll({}, { by: 'eve', reason: '' })),
      /CHP_INPUT/
    )
  })

  it('is run again from a process beside, by the one that serves', async () => {
    const { world, process, mend } = await brokenCrowd(PARKS, ['u1', 'u2'])
    mend()
    const ops = await openOperator({ bot: chainProgram(), store: world.model, clock: world.clock })
    const done = await until(world.clock, ops.redriveAll({}, BY))
    await world.pass(3_000)
    assert.deepEqual([done.tag, done.count], ['done', 2])
    assert.equal(await chainOf(process, 'u2'), foldOf(['m0', 'm1', 'bad']))
    await until(world.clock, ops.close())
  })
})

for (const kind of Object.keys(DAMAGEABLE) as (keyof typeof DAMAGEABLE)[])
  describe(`what was found damaged, on the ${kind} store`, () => {
    it('is listed until it is discarded, and then leaves list and count', async () => {
      const { place, talker } = await damaged(kind)
      const ops = operatorOf(talker.runtime)
      const { id } = talker.chat()
      const rows = listed(await ops.parkedEvents(id))
      assert.deepEqual(
        rows.map(row => [row.id, row.kind === 'Damaged']),
        [
          ['record', true],
          ['record', true],
          ['reply/2', true],
          ['inbox', true],
          ['inbox', true],
          ['n1', false]
        ]
      )
      assert.equal(new Set(rows.map(({ key }) => key)).size, rows.length)
      const groups = (await ops.causes()).map(({ cause, parked }) => [cause, parked])
      assert.deepEqual(groups, [['CHP_RECORD_CORRUPT none', rows.length]])
      for (const { key } of rows.slice(0, -1)) {
        assert.equal((await ops.redrive(id, key, BY)).tag, 'refused')
      }

      for (const [nth, { key }] of rows.entries()) {
        assert.deepEqual([(await ops.parked()).ids, (await ops.stats()).parked], [[id], 1])
        assert.equal((await ops.discard(id, key, BY)).tag, 'discarded')
        assert.equal((await ops.discard(id, key, BY)).tag, 'discarded')
        assert.deepEqual(listed(await ops.parkedEvents(id)), rows.slice(nth + 1))
      }

      assert.deepEqual([(await ops.parked()).ids, (await ops.stats()).parked], [[], 0])
      assert.deepEqual(await ops.causes(), [])
      const settled = listed(await ops.parkedEvents(id, { settled: true }))
      assert.deepEqual(
        settled,
        rows.map(row => ({ ...row, state: 'discarded' }))
      )
      await talker.stop()
      await place.remove()
    })
  })

/** A conversation that parked what of it was damaged: its records, a reply, what waited. */
async function damaged(
  kind: keyof typeof DAMAGEABLE
): Promise<{ talker: Talker; place: Damageable }> {
  const place = await damageable(kind)
  const { definition } = aCall('pay')
  const bot = chainProgram({ calls: { pay: definition } })
  const before = await place.start(bot)
  for (const [nth, words] of ['hi', 'call pay', 'a', 'b'].entries()) {
    await before.say(`m${nth}`, words)
    await before.settle(1)
  }
  const { inbox, undelivered } = await before.store.load(before.chat().id)
  for (const { row } of [...inbox, ...undelivered]) place.spoil(row, row.slice(0, row.length >> 1))
  await place.rewrite(before.chat().id, cutBeforeCore)
  await before.stop()
  const talker = await place.start(bot)
  await talker.say('n1', 'hi')
  await talker.settle()
  return { place, talker }
}

/** Who is listed as parked, and how many are counted. */
async function counted(ask: Broken['ask']): Promise<{ ids: readonly string[]; parked: number }> {
  const { ids } = await ask(ops => ops.parked())
  const { parked } = await ask(ops => ops.stats())
  return { ids: ids.toSorted(), parked }
}

async function garbled({ model }: World, conversation: string): Promise<void> {
  const { fence, parked } = await model.export(conversation)
  const rows = parked.map(text => JSON.stringify({ ...JSON.parse(text), sealed: 'cut' }))
  const others = { slots: [], calls: [], inbox: [], history: [] }
  assert.equal(await model.rewrite(conversation, fence!, { ...others, parked: rows }), 'done')
}
