import assert from 'node:assert/strict'
import type { Channel, Outgoing } from '../../lib/channel/channel.ts'
import { Sends } from '../../lib/outbox/sends.ts'
import { simulatedClock } from '../../lib/testing/simulated-clock.ts'

const OUTGOING: Outgoing = {
  address: { channel: 'chan', account: 'a', user: 'u' },
  key: 'k',
  reply: { kind: 'text', text: 'x' },
  heardAgoMs: null
}

describe('sends under way', () => {
  it('are let go at their limit, also those whose channel never settles', async () => {
    const { clock, sends } = bench(() => new Promise(() => undefined))
    for (let sent = 0; sent < 100; sent += 1) {
      const send = sends.send(OUTGOING)
      clock.advanceTo(clock.nowMs() + 1_000)
      assert.deepEqual(await send, { tag: 'later', afterMs: 0, why: 'time limit' })
    }

    assert.equal(sends.open, 0)
  })

  it('wait when the channel throws, rejects or is not mounted', async () => {
    const throwing = bench(() => {
      throw new TypeError('planned')
    })
    const rejecting = bench(() => Promise.reject(new RangeError('planned')))
    const { sends: none } = bench(undefined)

    const sent = await Promise.all(
      [throwing.sends, rejecting.sends, none].map(sends => sends.send(OUTGOING))
    )

    assert.deepEqual(
      sent.map(one => one.tag === 'later' && one.why),
      ['send failed: TypeError', 'send failed: RangeError', 'channel not mounted']
    )
    assert.equal(throwing.clock.waiting + rejecting.clock.waiting, 0)
  })

  it('end with the stop', async () => {
    const { clock, sends } = bench(() => new Promise(() => undefined))
    const sent = [sends.send(OUTGOING), sends.send(OUTGOING)]
    assert.equal(sends.open, 2)

    sends.stop()

    for (const { tag } of await Promise.all(sent)) assert.equal(tag, 'later')
    assert.equal(sends.open, 0)
    assert.equal(clock.waiting, 0)
  })
})

function bench(send: Channel['send'] | undefined) {
  const clock = simulatedClock({ startMs: 0 })
  const sends = new Sends({
    clock,
    channel: name =>
      send && { name, sendTimeoutMs: 1_000, unfit: () => null, mount: host => host, send }
  })
  return { clock, sends }
}
