import assert from 'node:assert/strict'
import { operatorOf } from '../../lib/ops/operator.ts'
import { aCall } from '../support/a-call.ts'
import { aWorld } from '../support/a-world.ts'
import { chainProgram } from '../support/chain-program.ts'
import { told } from '../support/told-conversation.ts'

describe('the history of a conversation', () => {
  it('lists versions with from, to, causes, time, notes and changed fields', async () => {
    const { process, happen, world } = await told()
    await happen('hi')
    const atMs = world.landed[0]?.atMs
    const ops = operatorOf(process.runtime)

    const page = await ops.history(process.chat().id)

    assert.ok(page.tag === 'history')
    assert.equal(page.version, 2)
    assert.equal(page.before, null)
    const [login, hi] = page.lines
    assert.deepEqual(hi, {
      version: 1,
      tag: 'commit',
      at: atMs,
      from: 'none',
      to: 'login.login',
      causes: [{ kind: 'Inbound', id: 'm1' }],
      notes: [{ kind: 'moved', from: 'init.idle', to: 'login.login', by: 'command' }],
      changed: [],
      whole: true
    })
    assert.equal(login?.to, 'menu.dashboard')
    assert.deepEqual(
      login.causes.map(({ kind }) => kind),
      ['CallSettled']
    )
    assert.ok(login.changed.includes('core.token') && login.changed.includes('flow.flow'))
    assert.ok(login.changed.includes('calls'))
  })

  it('comes in pages, by address as by id, the same lines', async () => {
    const world = aWorld()
    const process = await world.start()
    for (let n = 1; n <= 50; n += 1) await process.say(`m${n}`)
    const ops = operatorOf(process.runtime)
    const all = await ops.history({ channel: 'chan', account: 'a', user: 'u' }, { limit: 99 })
    assert.ok(all.tag === 'history')
    const lines: unknown[] = []

    for (let before: number | null = 51; before !== null; ) {
      const page = await ops.history(process.chat().id, { limit: 7, before })
      assert.ok(page.tag === 'history')
      lines.push(...page.lines)
      before = page.before
    }

    assert.deepEqual(lines, all.lines)
    assert.deepEqual(
      all.lines.map(({ version }) => version),
      Array.from(all.lines, (_, index) => 50 - index)
    )
    assert.ok(lines.length >= 20)
  })

  it('shows events that were made to wait, which change no record', async () => {
    const world = aWorld()
    const pay = aCall('pay')
    const process = await world.start({ bot: chainProgram({ calls: { pay: pay.definition } }) })
    await process.say('m0', 'call pay')
    await process.say('m1')
    const ops = operatorOf(process.runtime)

    const page = await ops.history(process.chat().id)
    const views = [1, 2].map(version => ops.viewAt(process.chat().id, version))

    assert.ok(page.tag === 'history')
    const [waiting] = page.lines
    assert.equal(waiting?.tag, 'deferred')
    assert.deepEqual(waiting.causes, [{ kind: 'Inbound', id: 'm1' }])
    assert.deepEqual(waiting.notes, [{ kind: 'deferred', why: 'call' }])
    const [first, second] = await Promise.all(views)
    assert.ok(first?.tag === 'view' && second?.tag === 'view')
    assert.deepEqual(second.record, first.record)
  })

  it('refuses by name who is unknown, what was trimmed and what never was', async () => {
    const world = aWorld()
    const process = await world.start()
    for (let n = 1; n <= 50; n += 1) await process.say(`m${n}`)
    const ops = operatorOf(process.runtime)
    const { id } = process.chat()

    const refusals = await Promise.all([
      ops.history(process.chat('nobody').id),
      ops.viewAt(process.chat('nobody').id, 1),
      ops.viewAt(id, 3),
      ops.viewAt(id, 51),
      ops.diff(id, 49, 3)
    ])

    assert.deepEqual(
      refusals.map(refused => (refused.tag === 'refused' ? refused.code : refused.tag)),
      [
        'CHP_CONVERSATION_UNKNOWN',
        'CHP_CONVERSATION_UNKNOWN',
        'CHP_VERSION_UNKNOWN',
        'CHP_VERSION_UNKNOWN',
        'CHP_VERSION_UNKNOWN'
      ]
    )
    await assert.rejects(ops.history('no id'), /CHP_INPUT_INVALID/)
    await assert.rejects(ops.history(id, { limit: 0 }), /CHP_INPUT_INVALID/)
  })

  it('needs a runtime that runs', async () => {
    const { runtime } = aWorld().made()
    await assert.rejects(operatorOf(runtime).viewAt('x', 1), /CHP_NOT_STARTED/)
  })
})
