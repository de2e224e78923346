import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import { type BotHouse, botHouse } from '../support/bot-server.ts'
import { houseOfSuite } from '../support/failpoints/fail-house.ts'
import { ORDINARY } from '../support/failpoints/plans.ts'
import { Talk } from '../support/failpoints/talk.ts'
import { tallied } from '../support/failpoints/tally.ts'
import { textFrom } from '../support/webhook-client.ts'
import { whatsAppMember } from '../support/whatsapp-member.ts'

const ENDS = 10
const MEMBERS = 12
const FLOOD = 2_000
const AT_ONCE = 400
const QUEUED_MOST = 40

for (const processes of [1, 2])
  describe(`${processes} asked to end while ${MEMBERS} members talk`, () => {
    const suite = houseOfSuite({ store: 'redis', processes })

    it(`${ENDS} times loses nothing, and ends in order each time`, async () => {
      const house = suite()
      const talk = new Talk(house)
      const talking = talk.members(MEMBERS, '155', ORDINARY)
      for (let end = 0; end < ENDS; end += 1) {
        await setTimeout(300)
        const index = end % processes
        assert.equal(await house.processes[index]?.end('SIGTERM'), 0, house.written())
        await house.start(index)
      }
      talk.over()
      await talking

      const { lost, doubled, violations, duplicates, ...counts } = await tallied(house, talk)
      const { shed, cut } = talk
      const told = { shed, cut, ...counts, duplicateOffers: duplicates.length }
      process.stdout.write(`      ${JSON.stringify(told)}\n`)
      assert.deepEqual({ lost, doubled, violations }, { lost: [], doubled: [], violations: [] })
      assert.ok(shed > 0)
    })
  })

describe('a server that is offered more than it may queue', () => {
  const env = { QUEUED_MOST: String(QUEUED_MOST) }
  const suite = houseOfSuite({ store: 'redis', processes: 1, env })

  it('answers 503 to what it does not take, and leaves no trace of that', async () => {
    const house = suite()
    const talk = new Talk(house)
    const posted = Array.from({ length: FLOOD }, (_, number) => {
      const said = { id: house.nextId(), user: `188${number % 500}`, word: 'hi' }
      return { said, message: textFrom(said.user, said.id, said.word) }
    })
    const answers = []
    for (let from = 0; from < FLOOD; from += AT_ONCE) {
      const wave = posted.slice(from, from + AT_ONCE).map(async ({ said, message }) => {
        return { said, ...(await house.client.once(message)) }
      })
      answers.push(...(await Promise.all(wave)))
    }
    const taken = answers.filter(({ status }) => status === 200)
    const shed = answers.filter(({ status }) => status === 503)
    talk.said.push(...taken.map(({ said }) => said))
    const first = await tallied(house, talk)
    const traces = shed.filter(({ said: { id } }) => house.graph.posted.some(isTo(id)))
    for (const { said } of shed) await house.client.deliver(textFrom(said.user, said.id, said.word))
    talk.said.push(...shed.map(({ said }) => said))
    const { lost, doubled, violations, turns } = await tallied(house, talk)

    const counts = { posts: FLOOD, taken: taken.length, shed: shed.length, traces: traces.length }
    process.stdout.write(`      ${JSON.stringify({ ...counts, turns: [first.turns, turns] })}\n`)
    assert.equal(taken.length + shed.length, FLOOD)
    assert.ok(shed.length > 0 && taken.length > 0)
    assert.deepEqual([first.turns, turns], [taken.length, shed.length])
    assert.deepEqual([first.lost, lost, doubled, violations, traces], [[], [], [], [], []])
  })
})

function isTo(id: string): (posted: { readonly text: string }) => boolean {
  return ({ text }) => text.endsWith(` ${id}`)
}

describe('a server that is asked twice to end', () => {
  let house: BotHouse
  before(async () => {
    house = await botHouse({ store: 'redis' })
  })
  after(() => house?.end())

  it('waits for a turn at first, then is gone at once, and loses nothing', async () => {
    const alice = whatsAppMember(house, '15550001001')
    const message = alice.message('hi')
    const { pid = 0 } = house.redis ?? {}
    process.kill(pid, 'SIGSTOP')
    const posted = house.client.once(message)
    for (let asked = 0; asked < 20; asked += 1) await fetch(`${house.url}/health/live`)
    const ended = house.server.end('SIGTERM')
    await house.server.event('stopping')
    assert.equal(await Promise.race([ended, setTimeout(500, 'waits')]), 'waits')

    const sinceMs = performance.now()
    void house.server.end('SIGTERM')
    const code = await ended
    const tookMs = Math.round(performance.now() - sinceMs)

    process.kill(pid, 'SIGCONT')
    process.stdout.write(`      ${JSON.stringify({ tookMs, code })}\n`)
    assert.notEqual(code, 0)
    assert.ok(tookMs < 1_000, `${tookMs} ms`)
    assert.equal((await posted).status, 'lost')
    await house.start()
    await house.client.deliver(message)
    await alice.hears(/Hello Alice/)
    alice.heardAll()
  })
})
