import assert from 'node:assert/strict'
import { Runtime } from '../../lib/runtime/runtime.ts'
import { aWorld } from '../support/a-world.ts'
import { allSay, hangingBot, heard } from '../support/hanging-bot.ts'

const HANGS_MS = 35_000

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
