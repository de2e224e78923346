import assert from 'node:assert/strict'
import { operatorOf } from '../../lib/ops/operator.ts'
import { Runtime } from '../../lib/runtime/runtime.ts'
import { aWorld, type Process, until } from '../support/a-world.ts'
import { allSay, hangingBot, heard } from '../support/hanging-bot.ts'

const HANGS_MS = 35_000

/** A call that is answered within its one attempt, however long that takes. */
const PATIENT = { timeoutMs: 60_000, attempts: 1 } as const

/** A member waits for a call that hangs; another member is there, too. */
async function pending(change: { idleSeconds?: number } = {}, processes = 1) {
  const world = aWorld()
  const { bot, made, service } = hangingBot({ ...PATIENT, ...change })
  const started: Process[] = []
  for (let n = 0; n < processes; n += 1) started.push(await world.start({ bot }))
  const [first = assert.fail(), ...others] = started
  for (const word of ['hi', 'pay']) await allSay(world, first, ['a'], word)
  await world.pass(100)
  assert.equal(made.pay, 1)
  const calls = async () => (await first.chat('a').inspect())?.calls.length
  return { world, made, service, first, others, calls }
}

describe('a call that hangs for 35 s', () => {
  it('goes on beside a session that ends: made once, its end told late, in no flow', async () => {
    const { world, made, service, first, calls } = await pending({ idleSeconds: 10 })
    await world.pass(HANGS_MS)
    const open = (await first.chat('a').inspect())?.calls
    assert.deepEqual(open, [{ name: 'pay', attached: false }])

    service.answer()
    await world.pass(2_000)

    assert.deepEqual([made.pay, made.keys.size, await calls()], [1, 1, 0])
    const told = heard(first, 'a')
    assert.ok(told.includes('late') && !told.includes('paid'))
    const who = first.chat('a').id
    const page = await until(world.clock, operatorOf(first.runtime).history(who))
    assert.ok(page.tag === 'history')
    const ends = page.lines.flatMap(({ notes }) =>
      notes.filter(({ kind }) => kind === 'callSettled')
    )
    assert.equal(ends.length, 1)
    assert.ok(JSON.stringify(ends).includes('"attached":false'))

    await allSay(world, first, ['a'], 'hi')
    await world.pass(500)
    assert.deepEqual(heard(first, 'a').slice(-2), ['notice', 'ask'])
  })

  it('goes on beside a flow that was reset: made once, its end told late', async () => {
    const { world, made, service, first, calls } = await pending()
    await world.pass(HANGS_MS / 2)
    const { conversations } = Runtime.runningOf(first.runtime) ?? assert.fail()
    const reset = { kind: 'OperatorCommand', id: 'o1', by: 'eve', command: 'reset' } as const
    await conversations.command(first.chat('a').id, reset)
    await world.pass(HANGS_MS / 2)

    service.answer()
    await world.pass(2_000)

    assert.deepEqual([made.pay, made.keys.size, await calls()], [1, 1, 0])
    const told = heard(first, 'a')
    assert.ok(told.includes('late') && !told.includes('paid'))
  })

  it('ends as nothing where its conversation was erased, and is no part of the next', async () => {
    const { world, made, service, first, calls } = await pending()
    await world.pass(HANGS_MS / 2)
    const who = first.chat('a').id
    const gone = await until(world.clock, operatorOf(first.runtime).erase(who))
    assert.equal(gone.tag, 'erased')
    await world.pass(HANGS_MS / 2)
    assert.equal(await first.chat('a').inspect(), null)
    const before = heard(first, 'a')

    await allSay(world, first, ['a'], 'hi')
    service.answer()
    await world.pass(20_000)

    assert.deepEqual(heard(first, 'a').slice(before.length), ['ask'])
    assert.deepEqual([made.pay, made.keys.size, await calls()], [1, 1, 0])
    assert.deepEqual(first.runtime.activity(), {
      events: 0,
      calls: 0,
      sends: 0,
      acknowledgements: 0
    })
  })

  it('is one request under one key, though another process hears its member', async () => {
    const { world, made, service, first, others, calls } = await pending({}, 2)
    const [second = assert.fail()] = others
    for (let waited = 0; waited < HANGS_MS; waited += 5_000) {
      await second.say(`w${waited}`, 'menu', 'a')
      await world.pass(5_000)
    }
    assert.equal(await calls(), 1)

    service.answer()
    await world.pass(15_000)

    assert.deepEqual([made.pay, made.keys.size, await calls()], [1, 1, 0])
    const told = [...heard(first, 'a'), ...heard(second, 'a')]
    assert.equal(told.filter(text => text === 'paid').length, 1)
  })

  it('is asked for again under that key when its process dies, and settles once', async () => {
    const { world, made, service, first, others } = await pending({}, 2)
    const [second = assert.fail()] = others
    await world.pass(12_000)
    first.kill()
    await world.pass(HANGS_MS - 12_000)
    assert.deepEqual([made.pay, made.keys.size], [2, 1])

    service.answer()
    await world.pass(15_000)

    assert.deepEqual([made.pay, made.keys.size], [2, 1])
    assert.equal((await second.chat('a').inspect())?.calls.length, 0)
    assert.equal(heard(second, 'a').filter(text => text === 'paid').length, 1)
  })
})
