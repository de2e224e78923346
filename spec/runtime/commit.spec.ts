import assert from 'node:assert/strict'
import { aWorld } from '../support/a-world.ts'
import { chainProgram, foldOf } from '../support/chain-program.ts'

describe('a turn', () => {
  it('is one commit and one store call, once the conversation is loaded', async () => {
    const world = aWorld()
    const process = await world.start()
    await process.say('m0')
    await world.settle()
    const before = world.store.calls.length

    await process.say('m1')

    assert.deepEqual(
      world.store.calls.slice(before).map(({ call }) => call),
      ['commit']
    )
    assert.deepEqual(
      world.landed.map(({ version, causes }) => ({ version, causes })),
      [
        { version: 1, causes: ['m0'] },
        { version: 2, causes: ['m1'] }
      ]
    )
  })

  it('hands its replies to the channel only after its commit', async () => {
    const world = aWorld()
    const process = await world.start()

    for (let n = 0; n < 5; n += 1) void process.say(`m${n}`)
    await world.settle()

    assert.deepEqual(process.channel.texts(), ['1 m0', '2 m1', '3 m2', '4 m3', '5 m4'])
    for (const { sequence, storedVersion } of world.offers) assert.ok(storedVersion >= sequence)
  })

  it('sends nothing while its commit is on the way', async () => {
    const world = aWorld()
    const process = await world.start()
    const held = world.store.hold('commit')

    const receipt = process.say('m0')
    await held.arrived
    await world.pass(2_000)

    assert.deepEqual(world.offers, [])
    held.release()
    await world.settle()
    assert.equal((await receipt).tag, 'committed')
    assert.deepEqual(process.channel.texts(), ['1 m0'])
  })

  it('sends nothing, answers shed, keeps its memory clean when no commit lands (B32)', async () => {
    const world = aWorld()
    const process = await world.start()
    world.store.plan('commit', { fail: 'before' }, { times: 1_000 })

    const receipt = process.say('m0')
    await world.settle()

    const shed = await receipt
    assert.equal(shed.tag, 'shed')
    assert.equal(shed.tag === 'shed' && shed.reason, 'CHP_STORE_UNAVAILABLE')
    assert.deepEqual(world.offers, [])
    world.store.heal()
    const again = process.say('m0')
    await world.settle()
    assert.deepEqual(await again, {
      tag: 'committed',
      version: 1,
      replies: [{ kind: 'text', text: '1 m0' }]
    })
  })

  for (const fail of ['before', 'after'] as const)
    it(`has one effect when the store fails ${fail} its commit: one head is repeated`, async () => {
      const world = aWorld()
      const process = await world.start()
      const heads: string[] = []
      const commit = world.model.commit.bind(world.model)
      world.model.commit = (id, asked) => {
        heads.push(asked.head)
        return commit(id, asked)
      }
      world.store.plan('commit', { fail }, { times: 3 })

      const receipt = process.say('m0')
      await world.settle()

      assert.deepEqual(await receipt, {
        tag: 'committed',
        version: 1,
        replies: [{ kind: 'text', text: '1 m0' }]
      })
      assert.equal(heads.length, fail === 'before' ? 1 : 4)
      assert.equal(new Set(heads).size, 1)
      assert.deepEqual(process.channel.texts(), ['1 m0'])
      assert.equal((await process.chat().inspect())?.data['chain'], foldOf(['m0']))
    })

  it('that landed although its sender was told shed has one effect on a repeat', async () => {
    const world = aWorld()
    const process = await world.start()
    world.store.plan('commit', { fail: 'after' }, { times: 1_000 })
    const first = process.say('m0')
    await world.settle()
    assert.equal((await first).tag, 'shed')
    world.store.heal()

    const second = process.say('m0')
    await world.settle()

    assert.equal((await second).tag, 'duplicate')
    assert.equal(world.landed.length, 1)
    assert.deepEqual(process.channel.texts(), ['1 m0'])
  })

  it('is not repeated on a refusal that is not about the store being away', async () => {
    const world = aWorld()
    const process = await world.start()
    await process.say('m0')
    world.store.plan('commit', { fail: 'before', code: 'CHP_STORE_WRONG_TYPE' })
    const before = world.store.calls.filter(({ call }) => call === 'commit').length

    const receipt = await process.say('m1')

    assert.deepEqual(receipt, { tag: 'shed', reason: 'CHP_STORE_WRONG_TYPE', retryAfterMs: 1_000 })
    assert.equal(world.store.calls.filter(({ call }) => call === 'commit').length, before + 1)
    assert.equal(process.heard.filter(({ name }) => name === 'alarm').length, 1)
  })

  it('writes what was decided into the history: causes, places, old values and notes', async () => {
    const world = aWorld()
    const note = { kind: 'signed', instance: 'i', option: 'yes' } as const
    const bot = chainProgram({
      hook: (state, { id }) => {
        if (id === 'm0') return undefined
        if (id === 'bad') throw new Error('planned')
        return { tag: 'commit', next: state, replies: [], call: null, audit: [note] }
      }
    })
    const process = await world.start({ bot })
    for (const id of ['m0', 'm1', 'bad']) void process.say(id)
    await world.settle()

    const rows = await world.model.history(process.chat().id, { limit: 9 })
    const [parked, noted, first] = rows.map(({ row }) => JSON.parse(row) as Record<string, unknown>)
    assert.deepEqual(first?.['causes'], [{ kind: 'Inbound', id: 'm0' }])
    assert.deepEqual([first?.['from'], first?.['to']], ['none', 'CHAIN.link'])
    assert.ok(String(first?.['full']).startsWith('L01 '))
    assert.deepEqual(noted?.['notes'], [note])
    assert.equal(noted?.['version'], 2)
    assert.equal(noted?.['full'], undefined)
    const apology = { kind: 'parked', code: 'CHP_DECIDE_THREW', event: 'bad' }
    const [failed, ...others] = (parked?.['notes'] ?? []) as { kind: string; done: string[] }[]
    assert.deepEqual(others, [apology])
    assert.deepEqual(failed?.done, ['restart', 'restart', 'restart', 'reset'])
    const was = parked?.['was'] as Record<string, { count: number }>
    assert.equal(was['flow.data']?.count, 1)
  })

  it('tells listeners what it decided, event by event, after its commit', async () => {
    const world = aWorld()
    const process = await world.start()

    await process.say('m0')

    const [turn] = process.turns
    assert.equal(process.turns.length, 1)
    assert.equal(turn?.version, 1)
    assert.equal(turn?.cause, 'm0')
    assert.deepEqual(turn?.replies, [{ kind: 'text', text: '1 m0' }])
    assert.equal(turn?.record.flow.data['count'], 1)
  })

  it('is not harmed by a listener that throws or rejects, nor by a log that throws', async () => {
    const world = aWorld()
    const bad = (): never => {
      throw new Error('planned')
    }
    const logger = { debug: bad, info: bad, warn: bad, error: bad }
    const process = await world.start({ logger, bot: chainProgram() })
    process.runtime.on('turn', bad)
    process.runtime.on('turn', () => Promise.reject(new Error('planned')))

    const receipt = await process.say('m0')
    await world.settle()

    assert.equal(receipt.tag, 'committed')
    assert.deepEqual(process.channel.texts(), ['1 m0'])
  })
})
