import assert from 'node:assert/strict'
import { operatorOf } from '../../lib/ops/operator.ts'
import { aWorld, until } from '../support/a-world.ts'
import { chainProgram } from '../support/chain-program.ts'
import { told } from '../support/told-conversation.ts'

describe('an operator who exports and erases', () => {
  it('reads everything of one conversation as JSON, without its secrets', async () => {
    const { process, happen } = await told()
    for (const each of ['hi', 'first option', 'amount', 'handle', 'first option'] as const) {
      await happen(each)
    }
    const ops = operatorOf(process.runtime)

    const exported = await ops.export(process.chat().id)

    assert.ok(exported.tag === 'export')
    const text = JSON.stringify(exported)
    assert.deepEqual(JSON.parse(text), exported)
    assert.ok(!text.includes('token-1-of-ada') && !text.includes('$sealed'), text)
    const record = exported.record as {
      core: { token: { value: string }; channel: { user: string } }
    }
    assert.equal(record.core.token.value, '[redacted]')
    assert.equal(record.core.channel.user, 'u')
    assert.equal(exported.history[0]?.version, exported.version)
    const full = exported.history.flatMap(({ row }) => (row as { full?: object }).full ?? [])
    assert.ok(full.length > 0 && full.every(row => 'core' in row))
    const [call] = exported.calls
    assert.ok(call !== undefined)
    const { name, input } = call.call as { readonly name: string; readonly input: unknown }
    assert.deepEqual([name, typeof input], ['pay', 'object'])
    assert.ok(exported.seen.length >= 5)
    assert.deepEqual(exported.rest, {})
  })

  it('shows parked events unsealed, and finds who has some', async () => {
    const world = aWorld()
    const bot = chainProgram({
      hook: (_state, event) => {
        if (event.id === 'bad') throw new Error('a bug')
        return undefined
      }
    })
    const process = await world.start({ bot })
    const ops = operatorOf(process.runtime)
    await process.say('m1')
    assert.deepEqual(await ops.parked(), { ids: [], cursor: null })

    const receipt = await until(world.clock, process.say('bad', 'a word to keep'))

    assert.equal(receipt.tag, 'parked')
    const { id } = process.chat()
    assert.deepEqual(await ops.parked(), { ids: [id], cursor: null })
    assert.deepEqual(await ops.held(), { ids: [], cursor: null })
    const { conversations, parked, held } = await ops.stats()
    assert.deepEqual([conversations, parked, held], [1, 1, 0])
    const exported = await ops.export({ channel: 'chan', account: 'a', user: 'u' })
    assert.ok(exported.tag === 'export')
    assert.ok(JSON.stringify(exported.parked).includes('a word to keep'))
  })

  it('erases for good, once', async () => {
    const world = aWorld()
    const process = await world.start()
    const ops = operatorOf(process.runtime)
    await process.say('m1')
    const { id } = process.chat()

    assert.deepEqual(await ops.erase(id), { tag: 'erased', conversation: id })

    const again = await ops.erase(id)
    assert.ok(again.tag === 'refused' && again.code === 'CHP_CONVERSATION_UNKNOWN')
    const gone = await ops.export(id)
    assert.ok(gone.tag === 'refused' && gone.code === 'CHP_CONVERSATION_UNKNOWN')
    assert.equal((await ops.stats()).conversations, 0)
    assert.equal(await process.chat().inspect(), null)
    assert.equal((await process.say('m1')).tag, 'duplicate')
    assert.equal((await process.say('m2')).tag, 'committed')
  })
})
