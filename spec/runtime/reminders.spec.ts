import assert from 'node:assert/strict'
import * as t from 'io-ts'
import {
  attempt,
  call,
  choose,
  defineBot,
  defineCall,
  defineFlow,
  end,
  goto,
  remindAt,
  tell,
  text
} from '../../lib/flow/index.ts'
import { operatorOf } from '../../lib/ops/operator.ts'
import { aWorld, type Process, until } from '../support/a-world.ts'

const slow = defineCall({
  name: 'slow',
  effect: true,
  input: t.strict({}),
  outcomes: { done: t.strict({}) },
  run: () => attempt(() => new Promise<never>(() => undefined))
})

const home = defineFlow(
  { name: 'home', start: 'idle', quiet: ['sure'] },
  {
    idle: choose({
      prompt: text('ask'),
      options: ['later', 'sure', 'slow'].map(id => ({ id, label: id })),
      next: (option, { view }) => {
        if (option === 'sure') return goto('sure')
        if (option === 'slow') return goto('slow')
        const atMs = view.nowMs + 60_000
        return [remindAt({ id: 'pay', atMs, event: 'unpaid', data: { no: 7 } }), goto('idle')]
      },
      words: { later: 'later', sure: 'sure', slow: 'slow' },
      invalid: text('ask')
    }),
    sure: choose({
      prompt: text('sure'),
      options: [{ id: 'yes', label: 'yes' }],
      next: () => goto('idle'),
      words: { yes: 'yes' },
      invalid: text('sure')
    }),
    slow: call({
      call: slow,
      input: () => ({}),
      outcomes: { done: end() },
      unreachable: () => end()
    })
  }
)

const bot = defineBot({
  name: 'reminding',
  flows: [home],
  start: 'home',
  session: { idleSeconds: 3_600, notice: 'ask' },
  on: { unpaid: tell({ data: t.strict({ no: t.number }), say: ({ no }) => text('news', { no }) }) },
  texts: { en: { ask: 'ask', sure: 'sure?', news: 'unpaid {no}' } }
})
const OPTIONS = { bot, limits: { sweepEveryMs: 1_000 } }

const texts = ({ channel }: Process): readonly string[] =>
  channel.offers.map(({ text: said }) => said)

describe('a reminder of a bot', () => {
  it('is said by whoever runs when it is due, never earlier, once', async () => {
    const world = aWorld()
    const first = await world.start(OPTIONS)
    await first.say('m1')
    await first.say('m2', 'later')
    const dueMs = world.clock.nowMs() + 60_000
    first.kill()
    const [second, third] = [await world.start(OPTIONS), await world.start(OPTIONS)]
    await world.pass(dueMs - world.clock.nowMs() - 10)
    assert.ok(!world.offers.some(({ text: said }) => said === 'unpaid 7'))

    await world.pass(30_000)

    const said = [...new Set(world.offers.filter(o => o.text === 'unpaid 7').map(o => o.key))]
    assert.equal(said.length, 1)
    assert.ok(second.alive && third.alive)
  })

  it('comes after the quiet step that it fell due at', async () => {
    const world = aWorld()
    const process = await world.start(OPTIONS)
    await process.say('m1')
    await process.say('m2', 'later')
    await process.say('m3', 'sure')
    await world.pass(90_000)
    assert.ok(!texts(process).includes('unpaid 7'))
    await process.say('m4', 'yes')
    await world.pass(70_000)

    assert.equal(texts(process).at(-1), 'unpaid 7')
  })
})

describe('what the host says first', () => {
  const news = (id: string) => ({ id, event: 'unpaid', data: { no: 1 } })

  it('is refused at a quiet step, and may come again under its id', async () => {
    const world = aWorld()
    const process = await world.start(OPTIONS)
    await process.say('m1')
    await process.say('m2', 'sure')

    const refused = await process.chat().tell(news('t1'))
    assert.deepEqual(refused, { tag: 'ignored', why: 'the step home.sure is quiet' })
    await process.say('m3', 'yes')
    assert.equal((await process.chat().tell(news('t1'))).tag, 'committed')
    assert.equal((await process.chat().tell(news('t1'))).tag, 'duplicate')
  })

  it('is said while a call is under way, and leaves the call alone', async () => {
    const world = aWorld()
    const process = await world.start(OPTIONS)
    await process.say('m1')
    await process.say('m2', 'slow')

    assert.equal((await process.chat().tell(news('t1'))).tag, 'committed')
    const inspected = await process.chat().inspect()
    assert.equal(inspected?.step, 'slow')
  })

  it('waits while the conversation is held, and is said then, at a quiet step too', async () => {
    const world = aWorld()
    const process = await world.start(OPTIONS)
    await process.say('m1')
    await process.say('m2', 'sure')
    const ops = operatorOf(process.runtime)
    const by = { by: 'eve', reason: 'a look' }
    await until(world.clock, ops.hold(process.chat().id, by))

    assert.equal((await process.chat().tell(news('t1'))).tag, 'deferred')
    await until(world.clock, ops.resume(process.chat().id, by))
    await world.settle()

    assert.equal(texts(process).at(-1), 'unpaid 1')
  })
})
