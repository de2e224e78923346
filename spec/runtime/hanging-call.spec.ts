import assert from 'node:assert/strict'
import * as t from 'io-ts'
import {
  attempt,
  back,
  call,
  choose,
  defineBot,
  defineCall,
  defineFlow,
  goto,
  say,
  text
} from '../../lib/flow/index.ts'
import { Runtime } from '../../lib/runtime/runtime.ts'
import { aWorld, type Process, type World } from '../support/a-world.ts'

const HANGS_MS = 35_000

/** Two calls, of which one hangs until it is let go. */
function hangingCalls() {
  const made = { pay: 0, look: 0, keys: new Set<string>() }
  const service = { hangs: true }
  const done = { outcome: 'done' as const, output: {} }
  const outcomes = { done: t.strict({}) }
  const pay = defineCall({
    name: 'pay',
    effect: true,
    input: t.strict({}),
    outcomes,
    breaker: { failures: 6, openMs: 10_000 },
    late: { done: text('late') },
    run: (_input, { key }) =>
      attempt(() => {
        made.pay += 1
        made.keys.add(key)
        return service.hangs ? new Promise<never>(() => undefined) : Promise.resolve(done)
      })
  })
  const look = defineCall({
    name: 'look',
    effect: false,
    input: t.strict({}),
    outcomes,
    run: () =>
      attempt(async () => {
        made.look += 1
        return done
      })
  })
  return { made, service, pay, look }
}

/** A bot that makes them. */
function hangingBot() {
  const { made, service, pay, look } = hangingCalls()
  const home = defineFlow(
    { name: 'home', start: 'idle' },
    {
      idle: choose({
        prompt: text('ask'),
        options: ['pay', 'look'].map(id => ({ id, label: id })),
        words: { pay: 'pay', look: 'look' },
        next: option => (option === 'pay' ? goto('pay') : goto('look')),
        invalid: text('ask')
      }),
      pay: call({
        call: pay,
        input: () => ({}),
        outcomes: { done: [say(text('paid')), goto('idle')] },
        unreachable: ({ known }) => back('idle', text(known === 'unknown' ? 'maybe' : 'down'))
      }),
      look: call({
        call: look,
        input: () => ({}),
        outcomes: { done: [say(text('seen')), goto('idle')] },
        unreachable: back('idle', text('down'))
      })
    }
  )
  const keys = ['ask', 'paid', 'seen', 'maybe', 'down', 'late', 'notice']
  const bot = defineBot({
    name: 'hanging',
    flows: [home],
    start: 'home',
    session: { idleSeconds: 600, notice: 'notice' },
    commands: { menu: { words: ['menu'], do: 'home' } },
    texts: { en: Object.fromEntries(keys.map(key => [key, key])) }
  })
  return { bot, made, service }
}

const heard = (process: Process, user: string): readonly string[] =>
  process.turns
    .filter(({ conversation }) => conversation === process.chat(user).id)
    .flatMap(({ replies }) => replies.map(reply => ('text' in reply ? reply.text : reply.kind)))

/** Members say this to a bot one after the other, and how long the slowest receipt took. */
async function allSay(world: World, process: Process, users: string[], word: string) {
  let slowestMs = 0
  for (const user of users) {
    const sinceMs = world.clock.monotonicMs()
    const receipt = await process.say(`${user}.${word}.${sinceMs}`, word, user)
    slowestMs = Math.max(slowestMs, world.clock.monotonicMs() - sinceMs)
    assert.ok(receipt.tag === 'committed' || receipt.tag === 'deferred')
  }
  return slowestMs
}

const named = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, n) => `${name}${n}`)

describe('a service that hangs', () => {
  it('costs nobody else anything, opens its breaker, and is used when it answers', async () => {
    const world = aWorld()
    const { bot, made, service } = hangingBot()
    const process = await world.start({ bot })
    const [payers, lookers] = [named('payer', 4), named('looker', 4)]
    await allSay(world, process, [...payers, ...lookers], 'hi')
    await allSay(world, process, payers, 'pay')

    let slowestMs = 0
    for (let second = 0; second < HANGS_MS / 1_000; second += 5) {
      slowestMs = Math.max(slowestMs, await allSay(world, process, lookers, 'look'))
      await world.pass(5_000)
    }
    assert.ok(slowestMs < 1_000)
    assert.equal(made.look, 4 * 7)
    const asked = made.pay
    assert.ok(asked <= 4 * 3)
    assert.ok(process.log.some(line => /"call\.breaker".*"open"/.test(line)))
    for (const user of payers) assert.equal(heard(process, user).at(-1), 'maybe')

    service.hangs = false
    await world.pass(12_000)
    await allSay(world, process, payers, 'pay')
    await world.pass(3_000)

    for (const user of payers) assert.ok(heard(process, user).includes('paid'))
    assert.ok(process.log.some(line => /"call\.breaker".*"closed"/.test(line)))
  })

  it('lets the member know once that it still works on an effect, not before 4 s', async () => {
    const world = aWorld()
    const { bot } = hangingBot()
    const process = await world.start({ bot })
    for (const word of ['hi', 'pay']) await allSay(world, process, ['a'], word)
    await world.pass(2_000)
    await allSay(world, process, ['a'], 'menu')
    assert.equal(heard(process, 'a').length, 1)
    await world.pass(3_000)
    await allSay(world, process, ['a'], 'menu')
    await world.pass(1_000)
    await allSay(world, process, ['a'], 'menu')
    await world.pass(100)

    assert.equal(heard(process, 'a').length, 2)
  })

  it('ends beside a flow that an operator reset, with its late text and one key', async () => {
    const world = aWorld()
    const { bot, made, service } = hangingBot()
    const process = await world.start({ bot })
    for (const word of ['hi', 'pay']) await allSay(world, process, ['a'], word)
    await world.pass(8_000)
    const { conversations } = Runtime.runningOf(process.runtime) ?? assert.fail()
    const reset = { kind: 'OperatorCommand', id: 'o1', by: 'eve', command: 'reset' } as const
    await conversations.command(process.chat('a').id, reset)
    service.hangs = false
    await world.pass(8_000)

    assert.ok(heard(process, 'a').includes('late'))
    assert.ok(!heard(process, 'a').includes('paid'))
    assert.equal(made.keys.size, 1)
    assert.equal((await process.chat('a').inspect())?.calls.length, 0)
  })
})
