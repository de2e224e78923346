import assert from 'node:assert/strict'
import { Secret } from '../../lib/kernel/secret.ts'
import { aCall } from '../support/a-call.ts'
import { aWorld } from '../support/a-world.ts'
import { chainProgram, foldOf } from '../support/chain-program.ts'

describe('inspect()', () => {
  it('shows what is stored, and touches nothing', async () => {
    const world = aWorld()
    const pay = aCall('pay')
    const bot = chainProgram({ calls: { pay: pay.definition } })
    const process = await world.start({ bot })
    process.channel.answer = () => ({ tag: 'later', afterMs: 60_000, why: 'away' })
    await process.say('m0', 'call pay')
    await process.say('m1')
    const before = world.landed.length

    const shown = await process.chat().inspect()

    assert.equal(world.landed.length, before)
    assert.deepEqual(
      { ...shown, core: null, initializedAt: 0, updatedAt: 0 },
      {
        conversation: process.chat().id,
        version: 2,
        stage: 'CHAIN',
        flow: 'CHAIN',
        step: 'link',
        data: { count: 1, chain: foldOf(['m0']) },
        prompt: null,
        validation: { attempts: 0, error: null },
        core: null,
        calls: [{ name: 'pay', attached: true }],
        undelivered: [{ kind: 'text', options: 0 }],
        waiting: 1,
        initializedAt: 0,
        updatedAt: 0,
        updatedBy: { kind: 'Inbound', id: 'm0' }
      }
    )
  })

  it('shows no secret', async () => {
    const world = aWorld()
    const bot = chainProgram({
      hook: state => {
        const token = { value: Secret.of('hunter2'), refreshes: 0, setAt: 1 }
        const next = { ...state, core: { ...state.core, token } }
        return { tag: 'commit', next, replies: [], call: null, audit: [] }
      }
    })
    const process = await world.start({ bot })
    await process.say('m0')

    const text = JSON.stringify(await process.chat().inspect())

    assert.equal(text.includes('hunter2'), false)
    assert.ok(text.includes('[redacted]'))
    const { record } = await world.model.load(process.chat().id)
    assert.equal(record?.includes('hunter2'), false)
  })

  it('is null for nobody, and for a conversation that was erased', async () => {
    const world = aWorld()
    const process = await world.start()
    assert.equal(await process.chat('nobody').inspect(), null)
    await process.say('m0')
    await world.settle()
    const { id } = process.chat()
    const { fence } = await world.model.load(id)

    await world.model.erase(id, fence?.epoch ?? '', 'tombstone')

    assert.equal(await process.chat().inspect(), null)
    const receipt = process.say('m1')
    await world.settle()
    assert.deepEqual(await receipt, {
      tag: 'committed',
      version: 1,
      replies: [{ kind: 'text', text: '1 m1' }]
    })
    assert.deepEqual(process.channel.texts(), ['1 m0', '1 m1'])
    assert.equal(process.heard.filter(({ name }) => name === 'rollback').length, 0)
  })

  it('shows of a damaged record what the next message begins with, writing nothing', async () => {
    const world = aWorld()
    const process = await world.start()
    await process.say('m0')
    const load = world.model.load.bind(world.model)
    world.model.load = async id => ({ ...(await load(id)), record: 'L01 broken' })

    world.model.recoverable = async () => ({ slots: ['L01 broken'], history: [] })
    const before = world.landed.length

    const shown = await process.chat().inspect()

    assert.equal(shown?.recovery?.rung, 4)
    assert.deepEqual(shown.data, { count: 0, chain: '' })
    assert.equal(world.landed.length, before)
  })
})
