import assert from 'node:assert/strict'
import { aWorld, turns, until } from '../support/a-world.ts'
import { SENT } from '../support/recorded-channel.ts'

const OWED = 300

describe('a process that starts after a crash', () => {
  /** A world in which a former process of this name left so many conversations with a reply. */
  async function withOwed() {
    const world = aWorld()
    const before = await world.start({ instance: 'one' })
    before.channel.answer = () => ({ tag: 'later', afterMs: 600_000, why: 'away' })
    const users = Array.from({ length: OWED }, (_, index) => `u${index}`)
    await until(world.clock, Promise.all(users.map(user => before.say('m0', 'hi', user))))
    before.kill()
    world.offers.length = 0
    return { world, users }
  }

  it('listens before it has taken over what that left, and then takes all of it over', async () => {
    const { world } = await withOwed()
    const after = world.made({ instance: 'one' })
    after.channel.answer = () => SENT
    const claims = (): number => world.store.calls.filter(({ call }) => call === 'claimOwn').length
    const fromMs = world.clock.nowMs()

    world.clock.advanceTo(fromMs + 1)
    await after.runtime.start()
    assert.ok(claims() <= 2, `${claims()} pages were claimed`)
    const fresh = await after.say('m1', 'hi', 'fresh')

    assert.equal(fresh.tag, 'committed')
    const done = new Set(world.offers.map(({ conversation }) => conversation)).size
    assert.ok(done < OWED / 2, `${done} came before a message that was there`)
    await until(world.clock, allSent(world.offers, OWED + 1))
    assert.ok(world.clock.nowMs() - fromMs < 2_000, 'no lease had to end')
    assert.ok(claims() > OWED / 40, 'page by page')
    await world.settle()
  })

  it('says that it is at it, and leaves off when it is stopped', async () => {
    const { world } = await withOwed()
    const after = world.made({ instance: 'one' })
    await after.runtime.start()
    assert.ok(after.runtime.activity().events > 0)

    await until(world.clock, after.runtime.stop())

    const calls = world.store.calls.length
    await world.pass(60_000)
    assert.equal(world.store.calls.length, calls)
  })
})

async function allSent(offers: readonly { conversation: string }[], count: number): Promise<void> {
  while (new Set(offers.map(({ conversation }) => conversation)).size < count) await turns(1)
}
