import assert from 'node:assert/strict'
import * as t from 'io-ts'
import type { Receipt } from '../../lib/channel/channel.ts'
import type { Program } from '../../lib/conversation/program.ts'
import { HANDOVER_TIMER } from '../../lib/conversation/record.ts'
import {
  accept,
  ask,
  defineBot,
  defineFlow,
  end,
  goto,
  handover,
  tell,
  text
} from '../../lib/flow/index.ts'
import { operatorOf } from '../../lib/ops/operator.ts'
import type { ParkedEvent } from '../../lib/ops/parked-events.ts'
import type { Inspection } from '../../lib/runtime/inspect.ts'
import { aWorld, type Process, until, type World } from '../support/a-world.ts'

const BY = { by: 'eve', reason: 'solved' } as const
const WITHIN_MS = 3_600_000

/** A wish that the bot throws on, for now. */
const ill = { wish: '' }

const shop = defineFlow(
  { name: 'shop', data: t.partial({ wish: t.string }), start: 'wish' },
  {
    wish: ask({
      fields: ['wish'],
      prompt: text('wish'),
      read: wish => (wish === ill.wish ? assert.fail('planned') : accept({ wish })),
      next: goto('person')
    }),
    person: handover({
      text: text('person'),
      withinSeconds: WITHIN_MS / 1000,
      next: end(text('back')),
      late: end(text('nobody'))
    })
  }
)
const spec = {
  name: 'shop',
  flows: [shop],
  start: 'shop',
  on: { paid: tell({ data: t.strict({}), say: () => text('paid') }) },
  texts: {
    en: {
      wish: 'What?',
      person: 'A person comes.',
      back: 'Hello again.',
      nobody: 'Nobody was free.',
      paid: 'Paid.',
      expired: 'You were away.'
    }
  }
} as const
const bot = defineBot(spec)

/** Its sessions end before a person is late, and then it throws. */
function failingWhenLate(): Program {
  const dated = defineBot({ ...spec, session: { idleSeconds: 60, notice: 'expired' } })
  const decide: Program['decide'] = (state, event, at) =>
    event.kind === 'TimerDue' && event.timer === HANDOVER_TIMER
      ? assert.fail('planned')
      : program.decide(state, event, at)
  const program = dated as unknown as Program
  return { ...program, decide }
}

describe('a conversation that its flow gave to a person', () => {
  it('is silent: what is said waits, in order', async () => {
    const { world, process } = await withPerson()
    const before = process.channel.texts().length

    const tags = await said(world, process, ['hello?', 'are you there?'])

    assert.deepEqual(tags, ['deferred', 'deferred'])
    assert.equal(process.channel.texts().length, before)
    const { flow, step, waiting, held } = await shown(process)
    assert.deepEqual([flow, step, waiting], ['shop', 'person', 2])
    assert.deepEqual([held?.by, held?.handover], ['shop.person', true])
  })

  it('is told to the host and listed for operators', async () => {
    const { world, process, heard } = await withPerson()
    const { version, conversation } = await shown(process)

    assert.deepEqual(heard, [{ conversation, version, by: 'shop.person', handover: true }])
    const listed = await until(world.clock, operatorOf(process.runtime).held())
    assert.deepEqual(listed.ids, [conversation])
  })

  it('comes back on resume; what was said to the person is taken, unanswered', async () => {
    const { world, process } = await withPerson()
    await said(world, process, ['hello?', 'a red one'])
    await world.pass(1_800_000)

    await resumed(world, process)

    assert.deepEqual(process.channel.texts().slice(-2), ['Hello again.', 'What?'])
    const { step, waiting, held, data } = await shown(process)
    assert.deepEqual([step, waiting, held, data], ['wish', 0, undefined, {}])
    assert.deepEqual(world.landed.at(-1)?.causes, ['w0', 'w1'])
    await said(world, process, ['a blue one'], 'v')
    assert.equal((await shown(process)).step, 'person')
  })

  it('comes back by itself when its time is over, across a restart', async () => {
    const { world, process } = await withPerson()
    process.kill()
    const next = await world.start({ bot })

    await world.pass(WITHIN_MS + 20_000)

    assert.deepEqual(next.channel.texts().slice(-2), ['Nobody was free.', 'What?'])
    assert.equal((await shown(next)).held, undefined)
    const page = await until(world.clock, operatorOf(next.runtime).history(next.chat().id))
    assert.ok(page.tag === 'history')
    const notes = page.lines
      .flatMap(line => line.notes)
      .filter(({ kind }) => kind.startsWith('handed'))
    assert.deepEqual(notes, [
      { kind: 'handedBack', by: 'shop.person', reason: 'TimerDue' },
      { kind: 'handedOver', by: 'shop.person', reason: 'Inbound' }
    ])
  })

  for (const when of ['after it is back', 'while it is away'] as const) {
    it(`answers a message of before that an operator runs again ${when}`, async () => {
      const world = aWorld()
      const process = await world.start({ bot, policy: { rules: [{ do: 'park' }] } })
      ill.wish = 'a red one'
      await said(world, process, ['hi', 'a red one', 'a person, please'], 'm')
      ill.wish = ''
      const ops = operatorOf(process.runtime)
      const who = process.chat().id
      const [parked] = (await until(world.clock, ops.parkedEvents(who))) as readonly ParkedEvent[]
      assert.ok(parked)

      if (when === 'after it is back') await resumed(world, process)
      await until(world.clock, ops.redrive(who, parked.key, BY))
      if (when === 'while it is away') await resumed(world, process)
      await world.pass(1_000)

      const { step, data } = await shown(process)
      assert.deepEqual([step, data], ['person', { wish: 'a red one' }])
    })
  }

  it('counts the failed runs of its end, though a timer is due that means nothing', async () => {
    const world = aWorld()
    const process = await world.start({ bot: failingWhenLate() })
    const attempts: number[] = []
    process.runtime.on('failure', ({ attempt }) => attempts.push(attempt))
    await said(world, process, ['hi', 'a person, please'], 'm')

    await world.pass(WITHIN_MS + 60_000)

    assert.deepEqual(attempts, [1, 2, 3, 4])
    assert.equal((await shown(process)).step, 'wish')
  })

  it('keeps what the host tells it until it is back', async () => {
    const { world, process } = await withPerson()
    const told = process.chat().tell({ id: 't1', event: 'paid', data: {} })
    assert.equal((await until(world.clock, told)).tag, 'deferred')

    await resumed(world, process)

    assert.deepEqual(process.channel.texts().slice(-3), ['Hello again.', 'What?', 'Paid.'])
  })

  it('stays with an operator who holds it, past its time, until that one resumes it', async () => {
    const { world, process } = await withPerson()
    await until(world.clock, operatorOf(process.runtime).hold(process.chat().id, BY))
    const before = process.channel.texts().length

    await world.pass(WITHIN_MS + 20_000)

    assert.equal(process.channel.texts().length, before)
    await resumed(world, process)
    assert.deepEqual(process.channel.texts().slice(-2), ['Hello again.', 'What?'])
  })

  it('stays with that person while all others are held and let go on', async () => {
    const { world, process } = await withPerson()
    await until(world.clock, process.say('m0', 'hi', 'u2'))
    const ops = operatorOf(process.runtime)

    const held = await until(world.clock, ops.holdAll({}, BY))
    const resumed = await until(world.clock, ops.resumeAll({}, BY))
    await world.pass(1_000)

    assert.deepEqual([held.count, held.refused, resumed.count], [1, [], 1])
    const { step, held: by } = await shown(process)
    assert.deepEqual([step, by?.by, by?.handover], ['person', 'shop.person', true])
    assert.equal((await process.chat('u2').inspect())?.held, undefined)
  })
})

interface Handed {
  readonly world: World
  readonly process: Process
  readonly heard: readonly unknown[]
}

async function withPerson(): Promise<Handed> {
  const world = aWorld()
  const process = await world.start({ bot })
  const heard: unknown[] = []
  process.runtime.on('held', event => heard.push(event))
  await said(world, process, ['hi', 'a person, please'], 'm')
  return { world, process, heard }
}

async function said(
  world: World,
  process: Process,
  texts: readonly string[],
  prefix = 'w'
): Promise<Receipt['tag'][]> {
  const tags: Receipt['tag'][] = []
  for (const [index, words] of texts.entries()) {
    tags.push((await until(world.clock, process.say(`${prefix}${index}`, words))).tag)
    await world.pass(50)
  }
  return tags
}

async function resumed(world: World, process: Process): Promise<void> {
  const outcome = await until(
    world.clock,
    operatorOf(process.runtime).resume(process.chat().id, BY)
  )
  assert.equal(outcome.tag, 'resumed')
  await world.pass(1_000)
}

async function shown(process: Process): Promise<Inspection> {
  return (await process.chat().inspect()) ?? assert.fail('nothing is stored')
}
