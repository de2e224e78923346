import assert from 'node:assert/strict'
import type { Receipt } from '../../lib/channel/channel.ts'
import type { ConversationRecord } from '../../lib/conversation/record.ts'
import type { HoldOutcome } from '../../lib/ops/hold.ts'
import { type Operator, operatorOf } from '../../lib/ops/operator.ts'
import type { Inspection } from '../../lib/runtime/inspect.ts'
import type { ConversationStore } from '../../lib/store/conversation-store.ts'
import { type Process, until } from '../support/a-world.ts'
import { type Happening, type Told, told } from '../support/told-conversation.ts'

const BY = { by: 'eve', reason: 'something is odd' } as const
const WORD = /^A person is looking into this/
/** From the first word to the question for an amount. */
const TO_AMOUNT: readonly Happening[] = ['hi', 'first option']

describe('a held conversation', () => {
  it('lets messages wait, tells its member once, takes them in order when resumed', async () => {
    const conversation = await after(TO_AMOUNT)
    const { process, world } = conversation
    const before = await shown(process)

    const held = await asked(conversation, ops => ops.hold(process.chat().id, BY))
    const receipts = await said(conversation, ['none', '12', 'bob'])

    assert.deepEqual(held, {
      tag: 'held',
      conversation: before.conversation,
      version: before.version + 1
    })
    assert.deepEqual(receipts, ['deferred', 'deferred', 'deferred'])
    const during = await shown(process)
    assert.deepEqual([during.step, during.data, during.waiting], [before.step, before.data, 3])
    assert.equal(during.held?.by, 'eve')
    assert.equal(words(process).length, 1)

    const resumed = await asked(conversation, ops => ops.resume(process.chat().id, BY))
    await world.settle()

    assert.equal(resumed.tag, 'resumed')
    assert.deepEqual(lastTexts(process, 3).slice(0, 2), ['Not an amount.', 'Which handle?'])
    const now = await shown(process)
    assert.deepEqual([now.step, now.waiting, now.held], ['confirm', 0, undefined])
  })

  it('takes what waits eight rows a commit', async () => {
    const conversation = await after(TO_AMOUNT)
    const { process, world } = conversation
    await asked(conversation, ops => ops.hold(process.chat().id, BY))
    await said(
      conversation,
      Array.from({ length: 20 }, (_, index) => `odd ${index}`)
    )

    await asked(conversation, ops => ops.resume(process.chat().id, BY))
    await world.settle()

    const taken = world.landed.slice(-3).map(({ causes }) => causes)
    assert.deepEqual(
      taken.map(({ length }) => length),
      [8, 8, 4]
    )
    assert.deepEqual(
      taken.flat(),
      Array.from({ length: 20 }, (_, index) => `w${index}`)
    )
  })

  it('remembers the ids that wait, and obeys a command once', async () => {
    const conversation = await after(TO_AMOUNT)
    const { process } = conversation
    const twice = async (verb: 'hold' | 'resume'): Promise<string[]> => {
      const once = (): Promise<HoldOutcome> =>
        asked(conversation, ops => ops[verb](process.chat().id, { ...BY, id: verb }))
      return [(await once()).tag, (await once()).tag]
    }
    assert.deepEqual(await twice('hold'), ['held', 'duplicate'])
    assert.deepEqual(await said(conversation, ['12']), ['deferred'])
    assert.deepEqual(await said(conversation, ['12']), ['duplicate'])
    assert.deepEqual(await twice('resume'), ['resumed', 'duplicate'])
    await conversation.world.settle()
    const late = asked(conversation, ops => ops.hold(process.chat().id, { ...BY, id: 'hold' }))
    assert.equal((await late).tag, 'duplicate')
    assert.equal((await shown(process)).held, undefined)
  })

  it('keeps its session, and is not due; resumed, the session ends as it was to', async () => {
    const conversation = await after(TO_AMOUNT)
    const { process, world } = conversation
    await asked(conversation, ops => ops.hold(process.chat().id, BY))
    const { version } = await shown(process)
    const settles = (): number =>
      world.store.calls.filter(({ call }) => call === 'settleDue').length
    const settled = settles()

    await world.pass(3_600_000)

    const { step, version: later } = await shown(process)
    assert.deepEqual([step, later], ['amount', version])
    assert.equal((await world.model.load(process.chat().id)).dueMs, null)
    assert.ok(settles() - settled <= 2)
    await asked(conversation, ops => ops.resume(process.chat().id, BY))
    await world.pass(5_000)
    assert.equal((await shown(process)).flow, 'init')
  })

  it('takes the outcome of a call that ran', async () => {
    const conversation = await after([...TO_AMOUNT, 'amount', 'handle', 'first option'])
    const { process } = conversation
    await asked(conversation, ops => ops.hold(process.chat().id, BY))
    await said(conversation, ['hello'])

    await conversation.happen('paid')
    await conversation.world.pass(1_000)

    const { core, calls, waiting } = await shown(process)
    assert.deepEqual(
      [(core as { cache: unknown }).cache, calls, waiting],
      [{ balance: '38' }, [], 1]
    )
    assert.equal(words(process).length, 1)
  })

  it('is held for every process: one beside it, and one that starts later', async () => {
    const conversation = await after(TO_AMOUNT)
    const { process, world } = conversation
    const beside = await conversation.beside()
    const held = await until(world.clock, beside.hold(process.chat().id, BY))
    assert.equal(held.tag, 'held')
    assert.deepEqual(await said(conversation, ['12']), ['deferred'])
    assert.deepEqual((await beside.held()).ids, [process.chat().id])

    const later = await conversation.again({})
    const receipt = await until(world.clock, later.say('later', 'bob'))

    assert.equal(receipt.tag, 'deferred')
    assert.equal(words(later).length, 1)
    await until(world.clock, beside.resume(process.chat().id, BY))
    await world.pass(5_000)
    const now = await shown(later)
    assert.deepEqual([now.step, now.waiting], ['confirm', 0])
    assert.deepEqual((await beside.held()).ids, [])
    await until(world.clock, beside.close())
  })

  it('is still held when its record is damaged and an older one is gone back to', async () => {
    const conversation = await after(TO_AMOUNT)
    const { process, world } = conversation
    await asked(conversation, ops => ops.hold(process.chat().id, BY))
    damageHeld(world.model)

    const later = await conversation.again({})
    const receipt = await until(world.clock, later.say('w0', '12'))

    assert.equal(receipt.tag, 'deferred')
    assert.equal(words(later).length, 1)
    assert.equal((await world.model.load(process.chat().id)).inbox.length, 1)
    assert.equal((await world.model.stats()).held, 1)
  })

  it('is still held where nothing of its records is left', async () => {
    const conversation = await after(TO_AMOUNT)
    const { process, world } = conversation
    const { id } = process.chat()
    await asked(conversation, ops => ops.hold(id, BY))
    damageHeld(world.model, text => text.slice(0, text.indexOf('\n') + 20))

    const later = await conversation.again({})
    const receipt = await until(world.clock, later.say('w0', '12'))

    assert.equal(receipt.tag, 'committed')
    assert.equal((await until(world.clock, later.say('w1', '12'))).tag, 'deferred')
    const [newest = ''] = (await world.model.export(id)).slots
    const record = JSON.parse(newest.slice(newest.indexOf('\n'))) as ConversationRecord
    assert.equal(record.meta.held?.by, 'eve')
    assert.equal((await world.model.stats()).held, 1)
  })

  it('goes on with none of its records left once its member wrote and it is resumed', async () => {
    const conversation = await after(TO_AMOUNT)
    const { process, world } = conversation
    const { id } = process.chat()
    await asked(conversation, ops => ops.hold(id, BY))
    await said(conversation, ['12', 'bob'])
    const undamage = damageHeld(world.model, text => text.slice(0, text.indexOf('\n') + 20))
    const later = await conversation.again({})
    const resume = (): Promise<HoldOutcome> =>
      until(world.clock, operatorOf(later.runtime).resume(id, BY))

    const refused = await resume()
    assert.ok(refused.tag === 'refused' && refused.code === 'CHP_HOLD_REFUSED')
    assert.match(refused.detail, /its member must write first/)
    assert.equal((await until(world.clock, later.say('n0', 'hi'))).tag, 'committed')
    undamage()
    assert.equal((await world.model.load(id)).inbox.length, 2)

    assert.equal((await resume()).tag, 'resumed')
    await world.pass(5_000)
    assert.deepEqual((await world.model.load(id)).inbox, [])
    assert.equal((await world.model.stats()).held, 0)
  })

  it('lets an operator roll it back; it stays held', async () => {
    const conversation = await after([...TO_AMOUNT, 'amount'])
    const { process } = conversation
    const { version } = await shown(process)
    await asked(conversation, ops => ops.hold(process.chat().id, BY))

    const done = await asked(conversation, ops => ops.rollback(process.chat().id, version - 1, BY))

    assert.equal(done.tag, 'rolledBack')
    const { step, held } = await shown(process)
    assert.deepEqual([step, held?.by], ['amount', 'eve'])
  })

  it('stands in the history with who and why', async () => {
    const conversation = await after(TO_AMOUNT)
    const id = conversation.process.chat().id
    await asked(conversation, ops => ops.hold(id, BY))
    await asked(conversation, ops => ops.resume(id, { by: 'bob', reason: 'all is well' }))
    const page = await asked(conversation, ops => ops.history(id, { limit: 2 }))
    assert.ok(page.tag === 'history')
    assert.deepEqual(
      page.lines.flatMap(({ notes }) => notes),
      [
        { kind: 'resumed', by: 'bob', reason: 'all is well' },
        { kind: 'held', ...BY }
      ]
    )
  })

  it('must exist, and needs somebody and a reason', async () => {
    const conversation = await after(TO_AMOUNT)
    const stranger = { channel: 'chan', account: 'a', user: 'nobody' }
    const refused = await asked(conversation, ops => ops.hold(stranger, BY))
    assert.ok(refused.tag === 'refused' && refused.code === 'CHP_CONVERSATION_UNKNOWN')
    for (const request of [
      { ...BY, by: '' },
      { ...BY, reason: '' },
      { ...BY, id: '' }
    ]) {
      const hold = operatorOf(conversation.process.runtime).hold(stranger, request)
      await assert.rejects(hold, /CHP_INPUT_INVALID/)
    }
  })
})

async function after(happened: readonly Happening[]): Promise<Told> {
  const conversation = await told()
  for (const happening of happened) await conversation.happen(happening)
  return conversation
}

function asked<T>({ world, process }: Told, ask: (ops: Operator) => Promise<T>): Promise<T> {
  return until(world.clock, ask(operatorOf(process.runtime)))
}

/** Says texts one after another, as messages w0, w1 and so on. */
async function said({ world, process }: Told, texts: readonly string[]): Promise<Receipt['tag'][]> {
  const tags: Receipt['tag'][] = []
  for (const [index, text] of texts.entries()) {
    tags.push((await until(world.clock, process.say(`w${index}`, text))).tag)
  }
  await world.pass(50)
  return tags
}

async function shown(process: Process): Promise<Inspection> {
  const inspection = await process.chat().inspect()
  assert.ok(inspection !== null)
  return inspection
}

/** The record that tells of the hold as it was set cannot be read until the answer is called. */
function damageHeld(
  model: ConversationStore,
  damaged = (text: string): string => text.replace('"told":false', '"told":fal5e')
): () => void {
  const load = model.load.bind(model)
  model.load = async id => {
    const loaded = await load(id)
    return { ...loaded, record: loaded.record === null ? null : damaged(loaded.record) }
  }
  const recoverable = model.recoverable.bind(model)
  model.recoverable = async id => {
    const { slots, history } = await recoverable(id)
    const rows = history.map(({ head, row }) => ({ head, row: row.replace(/,"full":.*$/, '}') }))
    return { slots: slots.map(damaged), history: rows }
  }
  return () => Object.assign(model, { load, recoverable })
}

/** What the member was told of being held. */
function words({ channel }: Process): readonly string[] {
  return channel.texts().filter(text => WORD.test(text))
}

function lastTexts({ channel }: Process, count: number): readonly string[] {
  return channel.texts().slice(-count)
}
