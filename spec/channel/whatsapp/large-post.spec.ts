import assert from 'node:assert/strict'
import type { Receipt } from '../../../lib/channel/channel.ts'
import { HandClock } from '../hand-clock.ts'
import { committed, recordingHost, recordingLog } from '../recording-host.ts'
import { aChange, aPost, messages } from './a-post.ts'
import { aDoor, signedPost } from './a-webhook.ts'

const full: Receipt = { tag: 'shed', reason: 'mailbox full', retryAfterMs: 1_000 }
const ids = Array.from({ length: 10 }, (_, index) => `m${index}`)
const post = signedPost(aPost(aChange({ messages: ids.map(id => messages.text(id)) })))
const request = () => new Request('http://bot/webhook', post)

describe('a post with more messages than a mailbox holds', () => {
  it('has its rest offered again, in order, when what came before has ended', async () => {
    let places = 4
    const taken: string[] = []
    const host = recordingHost(async ({ id }) => {
      if (places === 0) return full
      places -= 1
      await Promise.resolve()
      places += 1
      taken.push(id)
      return committed
    })

    const { status } = await aDoor(host).fetch(request())

    assert.equal(status, 200)
    assert.deepEqual(taken, ids)
  })

  it('is asked for again when a round takes none of what is left', async () => {
    const host = recordingHost(({ id }) => (id === 'm7' ? full : committed))

    const { status } = await aDoor(host).fetch(request())

    assert.equal(status, 503)
    assert.deepEqual(
      host.heard.map(({ id }) => id),
      [...ids, 'm7']
    )
  })

  it('is offered once when nothing of it was taken', async () => {
    const host = recordingHost(() => full)

    assert.equal((await aDoor(host).fetch(request())).status, 503)
    assert.equal(host.heard.length, ids.length)
  })

  it('is left alone when the time for an answer is over', async () => {
    const clock = new HandClock()
    const host = recordingHost(({ id }) => {
      if (id === 'm0') clock.advance(9_000)
      return id === 'm0' ? committed : full
    })

    assert.equal((await aDoor(host, { clock }).fetch(request())).status, 503)
    assert.equal(host.heard.length, ids.length)
  })

  it('tells at debug only of an outage of the store, which the runtime tells as one', async () => {
    const log = recordingLog()
    const shed = (reason: string): Receipt => ({ tag: 'shed', reason, retryAfterMs: 1 })
    const away = recordingHost(() => shed('CHP_STORE_UNAVAILABLE'))
    const both = recordingHost(({ id }) => shed(id === 'm1' ? 'CHP_STORE_REFUSED' : 'mailbox full'))

    await aDoor({ ...away, log }).fetch(request())
    await aDoor({ ...both, log }).fetch(request())

    const lines = log.lines.map(line => JSON.parse(line) as { level: string; event: string })
    const told = lines.filter(({ event }) => event === 'whatsapp.shed')
    assert.deepEqual(
      told.map(({ level }) => level),
      ['debug', 'warn']
    )
  })
})
