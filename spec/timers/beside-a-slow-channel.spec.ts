import assert from 'node:assert/strict'
import type { Sent } from '../../lib/channel/channel.ts'
import { ADDRESS, aWorld, type Process, type World } from '../support/a-world.ts'
import { recordedChannel } from '../support/recorded-channel.ts'

const MINUTE_MS = 60_000
const DUE = 200

describe('timers beside a channel that takes nothing', () => {
  it('fire on time, however many replies wait for it and whoever is told something', async () => {
    const world = aWorld()
    const { process, say } = await besideHanging(world)
    const dueMs = world.clock.nowMs() + 10 * MINUTE_MS
    for (let n = 0; n < DUE; n += 1) {
      await process.say(`r${n}`, `remind ${dueMs - world.clock.nowMs()}`, `u${n}`)
    }
    for (let n = 0; n < 100; n += 1) await say(`m${n}`, `stuck${n}`)
    await world.pass(dueMs - world.clock.nowMs() + 2_000)

    const fired = process.turns.filter(({ event }) => event.kind === 'TimerDue')
    assert.equal(fired.length, DUE)
    const onTime = process.channel.offers.filter(({ text }) => text.startsWith('timer'))
    assert.equal(onTime.length, DUE)
    assert.ok(onTime.every(({ atMs }) => atMs < dueMs + 1_000))
    assert.equal(process.runtime.activity().sends, 100)
  })
})

/** A process with a channel that answers at once, and another one that never does. */
async function besideHanging(world: World): Promise<{
  readonly process: Process
  readonly say: (id: string, user: string) => Promise<unknown>
}> {
  const process = world.made({ limits: { sends: 2 } })
  const hanging = recordedChannel({ name: 'hanging', store: world.model, clock: world.clock })
  hanging.answer = () => new Promise<Sent>(() => undefined)
  process.runtime.mount({
    ...hanging,
    sendTimeoutMs: 60 * MINUTE_MS,
    unfit: () => null,
    mount: host => host
  })
  await process.runtime.start()
  return {
    process,
    say: (id, user) =>
      process.runtime
        .conversation({ ...ADDRESS, channel: 'hanging', user })
        .receive({ id, content: { kind: 'text', text: 'hi' } })
  }
}
