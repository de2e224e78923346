import assert from 'node:assert/strict'
import { operatorOf } from '../../lib/ops/operator.ts'
import type { RollbackOutcome, RollbackRequest } from '../../lib/ops/rollback.ts'
import type { Inspection } from '../../lib/runtime/inspect.ts'
import { until } from '../support/a-world.ts'
import { type Happening, type Told, told } from '../support/told-conversation.ts'

const TO_CONFIRM: readonly Happening[] = ['hi', 'first option', 'amount', 'handle']
const BY = { by: 'eve', reason: 'asked by phone' } as const

describe('a rollback', () => {
  it('shows the prompt of the version again; older buttons are no longer open', async () => {
    const conversation = await after(TO_CONFIRM)
    const { instance } = await promptOf(conversation)
    const version = await versionOf(conversation)
    await conversation.happen('hi')

    const done = await rolledBack(conversation, version)

    assert.equal(done.tag, 'rolledBack')
    assert.equal(lastSaid(conversation), 'Pay 12 to bob?')
    assert.equal(conversation.process.channel.texts().at(-1), 'buttons')
    const now = await promptOf(conversation)
    assert.deepEqual(now.options, ['confirm', 'cancel'])
    assert.notEqual(now.instance, instance)
    await tapped(conversation, instance, 'confirm')
    assert.equal(conversation.till.keys.length, 0)
    assert.equal(lastSaid(conversation), 'No longer open.')
    assert.equal((await promptOf(conversation)).instance, now.instance)
  })

  it('is refused across an effect, settled or open, unless asked for', async () => {
    for (const paid of [true, false]) {
      const conversation = await after(TO_CONFIRM)
      const version = await versionOf(conversation)
      await conversation.happen('first option')
      if (paid) await conversation.happen('paid')
      await conversation.world.pass(1_000)
      const before = await conversation.process.chat().inspect()

      const refused = await rolledBack(conversation, version)

      assert.ok(refused.tag === 'refused' && refused.code === 'CHP_ROLLBACK_REFUSED')
      assert.match(refused.detail, /began an effect/)
      assert.deepEqual(await conversation.process.chat().inspect(), before)
      const done = await rolledBack(conversation, version, { acrossEffects: true })
      assert.equal(done.tag, 'rolledBack')
      assert.equal((await shown(conversation)).step, 'confirm')
      assert.equal(conversation.till.keys.length, 1)
    }
  })

  it('is refused to a version that waits for an effect, which would be signed anew', async () => {
    const conversation = await after([...TO_CONFIRM, 'first option'])
    const waiting = await versionOf(conversation)
    await conversation.happen('paid')
    await conversation.world.pass(1_000)

    const refused = await rolledBack(conversation, waiting)

    assert.ok(refused.tag === 'refused' && /under way/.test(refused.detail))
  })

  it('lets a call that the flow waits for run on: its outcome goes to the history', async () => {
    const conversation = await after(TO_CONFIRM)
    const version = await versionOf(conversation)
    await conversation.happen('first option')

    await rolledBack(conversation, version, { acrossEffects: true })

    assert.deepEqual((await shown(conversation)).calls, [{ name: 'pay', attached: false }])
    await conversation.happen('paid')
    await conversation.world.pass(1_000)
    const { step, calls, core } = await shown(conversation)
    assert.deepEqual([step, calls], ['confirm', []])
    assert.deepEqual((core as { cache: unknown }).cache, { balance: '50' })
    const last = conversation.process.channel.texts().at(-1)
    assert.equal(last, 'Your payment was made after all.')
  })

  it('goes before messages that wait for that call, which then answer the new prompt', async () => {
    const conversation = await after([...TO_CONFIRM, 'first option', 'nonsense'])
    assert.equal((await shown(conversation)).waiting, 1)

    const done = await rolledBack(conversation, 3, { acrossEffects: true })

    assert.equal(done.tag, 'rolledBack')
    await conversation.world.settle()
    const texts = conversation.process.channel.texts()
    assert.deepEqual(texts.slice(-2), ['How much?', 'Not an amount.'])
    assert.equal((await shown(conversation)).waiting, 0)
    const { process } = conversation
    const page = await operatorOf(process.runtime).history(process.chat().id, { limit: 4 })
    assert.ok(page.tag === 'history')
    assert.deepEqual(
      page.lines.map(({ causes }) => causes.map(({ kind }) => kind)),
      // What may have been done ends for its flow, and again when nobody can read it back.
      [['CallSettled'], ['CallSettled'], ['Inbound'], ['OperatorCommand']]
    )
  })

  it('is refused once the session has ended and the member is signed out', async () => {
    const conversation = await after(TO_CONFIRM)
    const version = await versionOf(conversation)
    await conversation.happen('away')
    const before = await shown(conversation)

    const refused = await rolledBack(conversation, version)

    assert.ok(refused.tag === 'refused' && /signed in/.test(refused.detail))
    assert.deepEqual(await shown(conversation), before)
  })

  it('keeps the deadline of a session that runs', async () => {
    const conversation = await after(['hi', 'first option'])
    await conversation.world.pass(200_000)

    await rolledBack(conversation, 2)

    await conversation.world.pass(110_000)
    assert.equal((await shown(conversation)).flow, 'init')
  })

  it('is refused where the bot has changed since, or throws: nothing is reset', async () => {
    const changes = [
      { restore: () => assert.fail('no such step') },
      { restore: () => ({ tag: 'ignore' as const, why: 'the flow has changed' }) },
      { invalid: ({ flow }: { flow: { step: string } }) => (flow.step === 'amount' ? 'odd' : null) }
    ]
    for (const change of changes) {
      const conversation = await after(TO_CONFIRM)
      const later = await conversation.again(change)
      const before = await later.chat().inspect()

      const request = operatorOf(later.runtime).rollback(later.chat().id, 3, BY)
      const refused = await until(conversation.world.clock, request)

      assert.ok(refused.tag === 'refused' && refused.code === 'CHP_ROLLBACK_REFUSED')
      assert.deepEqual(await later.chat().inspect(), before)
      assert.deepEqual(later.heard, [])
    }
  })

  it('needs somebody and a reason', async () => {
    const { process } = await after(['hi'])
    const ops = operatorOf(process.runtime)
    for (const request of [
      { by: '', reason: 'x' },
      { by: 'eve', reason: '' },
      { ...BY, id: '' }
    ]) {
      await assert.rejects(ops.rollback(process.chat().id, 1, request), /CHP_INPUT_INVALID/)
    }
  })
})

async function after(happenings: readonly Happening[]): Promise<Told> {
  const conversation = await told()
  for (const happening of happenings) await conversation.happen(happening)
  return conversation
}

async function rolledBack(
  { process, world }: Told,
  version: number,
  request: Partial<RollbackRequest> = {}
): Promise<RollbackOutcome> {
  const ops = operatorOf(process.runtime)
  const outcome = ops.rollback(process.chat().id, version, { ...BY, ...request })
  const ended = await until(world.clock, outcome)
  await world.pass(50)
  return ended
}

async function shown({ process }: Told): Promise<Inspection> {
  return (await process.chat().inspect()) ?? assert.fail('nothing is stored')
}

function lastSaid({ process }: Told): string | undefined {
  const last = process.turns.at(-1)?.replies.at(-1)
  return last !== undefined && 'text' in last ? last.text : undefined
}

async function versionOf(conversation: Told): Promise<number> {
  return (await shown(conversation)).version
}

async function promptOf(conversation: Told): Promise<NonNullable<Inspection['prompt']>> {
  return (await shown(conversation)).prompt ?? assert.fail('no prompt is open')
}

async function tapped({ process, world }: Told, instance: string, option: string) {
  const content = { kind: 'choice', instance, option } as const
  await until(world.clock, process.chat().receive({ id: `tap-${instance}`, content }))
  await world.pass(50)
}
