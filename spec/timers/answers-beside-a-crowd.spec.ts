import assert from 'node:assert/strict'
import { ADDRESS, aWorld, type World } from '../support/a-world.ts'
import { recordedChannel } from '../support/recorded-channel.ts'

const CROWD = 300
const LANES = 64
/** What the provider takes, and how often a member says something. */
const TAKES_EVERY_MS = 20
const SAID_EVERY_MS = 50
const ANSWERS = 60

describe('answers beside a crowd of timers', () => {
  it('wait for none of them at a provider that is far behind', async () => {
    const { world, process, say, offers } = await besideSlowProvider()
    const dueMs = world.clock.nowMs() + 60_000
    for (let n = 0; n < CROWD; n += 1) {
      await say(`r${n}`, `u${n}`, `remind ${dueMs - world.clock.nowMs()}`)
    }
    // They talk before the crowd comes, and while it does.
    await world.pass(dueMs - world.clock.nowMs() - 500)
    const saidMs = new Map<string, number>()
    for (let n = 0; n < ANSWERS; n += 1) {
      saidMs.set(`1 m${n}`, world.clock.nowMs())
      await say(`m${n}`, `live${n}`, 'hi')
      await world.pass(SAID_EVERY_MS)
    }
    const { sends } = process.runtime.activity()

    const waited = offers.flatMap(({ text, atMs }) => {
      const sinceMs = saidMs.get(text)
      return sinceMs === undefined ? [] : [atMs - sinceMs]
    })
    assert.equal(waited.length, ANSWERS)
    assert.ok(Math.max(...waited) <= 2 * TAKES_EVERY_MS, waited.join())
    // The crowd fills what it may all the while, and goes on.
    const crowd = offers.filter(({ text }) => text.startsWith('timer')).length
    assert.ok(sends >= 0.8 * LANES, `${sends}`)
    assert.ok(crowd > ANSWERS, `${crowd}`)
  })
})

async function besideSlowProvider() {
  const world: World = aWorld()
  const process = world.made({ limits: { lanes: LANES } })
  const slow = recordedChannel({ name: 'slow', store: world.model, clock: world.clock })
  process.runtime.mount({
    ...slow,
    pacing: {
      number: { everyMs: TAKES_EVERY_MS, burst: 1 },
      member: { everyMs: 1, burst: 8 }
    },
    unfit: () => null,
    mount: host => host
  })
  await process.runtime.start()
  return {
    world,
    process,
    offers: slow.offers,
    say: (id: string, user: string, text: string) =>
      process.runtime
        .conversation({ ...ADDRESS, channel: 'slow', user })
        .receive({ id, content: { kind: 'text', text } })
  }
}
