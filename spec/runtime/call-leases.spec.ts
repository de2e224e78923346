import assert from 'node:assert/strict'
import { aCall } from '../support/a-call.ts'
import { aWorld, type Process, type World } from '../support/a-world.ts'
import { OK } from '../support/call-bench.ts'
import { chainProgram } from '../support/chain-program.ts'

/** What was said about leases of calls, one word each. */
const leases = ({ log }: Process): readonly string[] =>
  log.flatMap(line => /"call\.lease","what":"([a-z]+)"/.exec(line)?.[1] ?? [])

/** Two processes; the first has a call open that hangs for as long as it is let. */
async function hanging() {
  const world = aWorld()
  const pays = [1, 2].map(() => aCall('pay', { timeoutMs: 60_000, attempts: 1 }))
  const [one, two] = pays
  assert.ok(one && two)
  const started: Process[] = []
  for (const { definition } of pays)
    started.push(await world.start({ bot: chainProgram({ calls: { pay: definition } }) }))
  const [first, second] = started
  assert.ok(first && second)
  await first.say('m1', 'call pay')
  await world.pass(100)
  return { world, one, two, first, second }
}

/** Another process writes itself into the row of the open call: its lease is the younger one. */
async function takenByAnother({ model, clock }: World, process: Process): Promise<void> {
  const { id } = process.chat()
  const { fence, calls } = await model.load(id)
  const [call] = calls
  assert.ok(fence && call)
  const taken = { by: 'p1/other', until: clock.nowMs() + 60_000, sum: undefined }
  const row = JSON.stringify({ ...JSON.parse(call.row), ...taken })
  const rows = { slots: [], inbox: [], history: [], parked: [] }
  await model.rewrite(id, fence, { ...rows, calls: [{ key: call.key, row }] })
}

describe('a call that only waited its turn', () => {
  /** Two members pay in a process that makes one call at a time; the first one's hangs. */
  async function waiting(processes: number, callsWaiting = 10) {
    const world = aWorld()
    const pays = Array.from({ length: processes }, () =>
      aCall('pay', { timeoutMs: 60_000, attempts: 1, unknown: 'ask-operator' })
    )
    const started: Process[] = []
    for (const { definition } of pays) {
      const bot = chainProgram({ calls: { pay: definition } })
      started.push(await world.start({ bot, limits: { callsAtOnce: 1, callsWaiting } }))
    }
    const [first] = started
    assert.ok(first)
    await first.say('m1', 'call pay', 'u')
    await first.say('m2', 'call pay', 'v')
    return { world, pays, started, first }
  }

  const isAsked = ({ log }: Process): boolean => log.some(line => line.includes('call.unresolved'))

  for (const waitMs of [6_000, 35_000]) {
    for (const processes of [1, 2]) {
      it(`is made after ${waitMs} ms in one of ${processes}, and no person is asked`, async () => {
        const { world, pays, started } = await waiting(processes)
        await world.pass(waitMs)
        const [pay] = pays
        assert.equal(pay?.made.length, 1)

        pay.made[0]?.end({ _tag: 'Right', right: OK })
        await world.pass(1_000)

        assert.equal(pay.made.length, 2)
        assert.ok(!started.some(isAsked))
        const waits = started.flatMap(({ log }) => log.filter(line => line.includes('"call.wait"')))
        assert.match(waits[0] ?? '', /"what":"waits","reason":"calls at once","ageMs":0,/)
        assert.match(waits.at(-1) ?? '', new RegExp(`"what":"goes on".*"ageMs":${waitMs},`))
      })
    }
  }

  it('ends as not done where too many wait, and no person is asked', async () => {
    const { world, pays, started, first } = await waiting(2, 1)
    await first.say('m3', 'call pay', 'w')

    await world.pass(35_000)

    assert.deepEqual(
      pays.map(({ made }) => made.length),
      [1, 0]
    )
    assert.ok(!started.some(isAsked))
    assert.deepEqual((await first.chat('w').inspect())?.calls, [])
    assert.ok(first.channel.texts().some(text => text.includes('not-done')))
  })

  it('fails not where too many wait and a dead process may have made it', async () => {
    const { world, pays, started, first } = await waiting(2, 1)
    const [, second] = started
    assert.ok(second)
    for (const user of ['w', 'x']) await second.say(`by-${user}`, 'call pay', user)

    first.kill()
    await world.pass(35_000)

    assert.deepEqual(
      pays.map(({ made }) => made.length),
      [1, 1]
    )
    const told = second.channel.texts()
    assert.ok(!told.some(text => text.includes('not-done')), told.join('|'))
    assert.equal((await second.chat('u').inspect())?.calls.length, 1)
  })

  it('is asked about when its process is gone: nobody can tell that it only waited', async () => {
    const { world, pays, started, first } = await waiting(2)
    const [, second] = started
    await world.pass(6_000)

    first.kill()
    await world.pass(30_000)

    assert.equal(pays[1]?.made.length, 0)
    assert.ok(second && isAsked(second))
  })
})

describe('a call that hangs', () => {
  it('is made by one process alone for as long as that one renews its lease', async () => {
    const { world, one, two, first, second } = await hanging()
    await world.pass(35_000)
    assert.deepEqual([one.made.length, two.made.length], [1, 0])
    assert.ok(leases(second).includes('refused'))

    one.answer(OK)
    await world.pass(2_000)

    assert.equal((await first.chat().inspect())?.calls.length, 0)
    assert.equal(two.made.length, 0)
  })

  it('is taken over under its key when its process is gone, once its lease is over', async () => {
    const { world, one, two, first, second } = await hanging()
    await world.pass(20_000)
    first.kill()
    await world.pass(30_000)

    assert.equal(two.made.length, 1)
    assert.equal(two.made[0]?.key, one.made[0]?.key)
    assert.deepEqual(leases(second).at(-1), 'takeover')
    two.answer(OK)
    await world.pass(2_000)
    assert.equal((await second.chat().inspect())?.calls.length, 0)
  })

  it('is let go by a process that finds its lease taken', async () => {
    const { world, one, two, first, second } = await hanging()
    await takenByAnother(world, first)

    await world.pass(8_000)

    assert.equal(one.made[0]?.signal.aborted, true)
    assert.ok(leases(first).includes('lost'))
    assert.equal(two.made.length, 0)
    assert.ok(second.alive)
  })

  it('is not ended without an answer by a process that has not seen its lease taken', async () => {
    const { world, one, first } = await hanging()
    await takenByAnother(world, first)

    one.fail({ tag: 'unavailable', detail: 'away' })
    await world.pass(100)

    assert.deepEqual((await first.chat().inspect())?.calls, [{ name: 'pay', attached: true }])
    assert.ok(!first.channel.texts().some(text => text.includes('not-done')))
  })

  it('is ended by an answer, whoever has its lease', async () => {
    const { world, one, first } = await hanging()
    await takenByAnother(world, first)

    one.answer(OK)
    await world.pass(100)

    assert.deepEqual((await first.chat().inspect())?.calls, [])
  })
})
