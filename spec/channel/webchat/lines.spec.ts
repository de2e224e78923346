import assert from 'node:assert/strict'
import { ACKNOWLEDGED_WITHIN_MS, AWAY_MS, BEAT_MS } from '../../../lib/channel/webchat/lines.ts'
import { HandClock } from '../hand-clock.ts'
import { type RecordingHost, recordingHost } from '../recording-host.ts'
import {
  cookieOf,
  openAsVisitor,
  openTab,
  type ServedChat,
  servedChat,
  until
} from './a-visitor.ts'

const reply = { kind: 'text', text: 'Grüezi 🐄' } as const

describe('a line of the web chat', () => {
  let chat: ServedChat
  let host: RecordingHost
  let clock: HandClock

  beforeEach(async () => {
    host = recordingHost()
    clock = new HandClock()
    chat = await servedChat(host, { clock })
  })
  afterEach(() => chat.close())

  const userOf = (index = 0) => host.presents[index]?.user ?? assert.fail('nobody is there')

  describe('a reply', () => {
    it('counts as sent when the page has acknowledged it', async () => {
      const tab = await openAsVisitor(chat)
      const sent = chat.offer(userOf(), reply, 'k1')

      assert.deepEqual(await tab.next('reply'), { kind: 'reply', key: 'k1', reply })
      tab.say({ kind: 'received', key: 'other' })
      tab.say({ kind: 'received', key: 'k1' })

      assert.deepEqual(await sent, { tag: 'sent', providerId: null })
    })

    it('is acknowledged by its own key only', async () => {
      const tab = await openAsVisitor(chat)
      const one = chat.offer(userOf(), reply, 'k1')
      const two = chat.offer(userOf(), reply, 'k2')
      await tab.next('reply')
      await tab.next('reply')

      tab.say({ kind: 'received', key: 'k2' })

      assert.equal((await two).tag, 'sent')
      clock.advance(ACKNOWLEDGED_WITHIN_MS)
      assert.equal((await one).tag, 'later')
    })

    it('is for its visitor alone', async () => {
      const mine = await openAsVisitor(chat)
      const other = await openAsVisitor(chat)
      const sent = chat.offer(userOf(0), reply, 'k1')

      await mine.next('reply')
      other.say({ kind: 'received', key: 'k1' })
      other.say({ kind: 'say', id: 'm', text: 'x' })
      await other.next('taken')
      clock.advance(ACKNOWLEDGED_WITHIN_MS)

      assert.equal((await sent).tag, 'later')
      assert.ok(other.told.every(({ kind }) => kind !== 'reply'))
    })

    it('goes to every tab, and one acknowledgement is enough', async () => {
      const cookie = await cookieOf(chat.url)
      const tabs = [await openTab(chat, { cookie }), await openTab(chat, { cookie })]
      const sent = chat.offer(userOf(), reply)

      for (const tab of tabs) await tab.next('reply')
      tabs[1]?.say({ kind: 'received', key: 'key' })

      assert.equal((await sent).tag, 'sent')
    })

    it('waits for a visitor who is away', async () => {
      const sent = await chat.offer('nobody', reply)

      assert.deepEqual(sent, { tag: 'later', afterMs: AWAY_MS, why: 'nobody is connected' })
    })

    it('waits when the visitor leaves without an acknowledgement', async () => {
      const tab = await openAsVisitor(chat)
      const sent = chat.offer(userOf(), reply)
      await tab.next('reply')

      tab.socket.terminate()

      assert.equal((await sent).tag, 'later')
    })

    it('is offered again at once to a tab that opens while it waits', async () => {
      const cookie = await cookieOf(chat.url)
      await openTab(chat, { cookie })
      const sent = chat.offer(userOf(), reply, 'k1')

      const second = await openTab(chat, { cookie })
      const { key } = await second.next('reply')
      second.say({ kind: 'received', key })

      assert.equal((await sent).tag, 'sent')
    })

    it('is given back to the outbox when no acknowledgement comes in time', async () => {
      const tab = await openAsVisitor(chat)
      const sent = chat.offer(userOf(), reply)
      await tab.next('reply')

      clock.advance(ACKNOWLEDGED_WITHIN_MS)

      assert.deepEqual(await sent, { tag: 'later', afterMs: 0, why: 'no acknowledgement in time' })
    })

    it('is given back when the outbox gives up', async () => {
      const tab = await openAsVisitor(chat)
      const limit = new AbortController()
      const sent = chat.offer(userOf(), reply, 'k1', limit.signal)
      await tab.next('reply')

      limit.abort()

      assert.deepEqual(await sent, { tag: 'later', afterMs: 0, why: 'timed out' })
    })

    it('leaves no timer behind, however it ends', async () => {
      const tab = await openAsVisitor(chat)
      const before = clock.timers
      const sent = chat.offer(userOf(), reply)
      await tab.next('reply')
      tab.say({ kind: 'received', key: 'key' })
      await sent

      assert.equal(clock.timers, before)
    })
  })

  describe('that is silent', () => {
    it('is pinged, kept while it answers, and cut when it does not', async () => {
      const alive = await openAsVisitor(chat)
      const dead = await openTab(chat, { cookie: await cookieOf(chat.url) }, { autoPong: false })
      let pings = 0
      alive.socket.on('ping', () => {
        pings += 1
      })

      clock.advance(BEAT_MS)
      await until(() => pings === 1)
      // The answer is on its way behind this message, so that both have come when it is taken.
      alive.say({ kind: 'say', id: 'm', text: 'x' })
      await alive.next('taken')
      clock.advance(BEAT_MS)

      assert.equal(await dead.closed, 1006)
      await until(() => pings === 2)
      assert.equal(alive.socket.readyState, alive.socket.OPEN)
    })

    it('is told to the host at every beat, once a visitor', async () => {
      await openAsVisitor(chat)
      const cookie = await cookieOf(chat.url)
      await openTab(chat, { cookie })
      await openTab(chat, { cookie })
      const arrived = host.presents.length

      clock.advance(BEAT_MS)

      const told = host.presents.slice(arrived).map(({ user }) => user)
      assert.equal(told.length, 2)
      assert.equal(new Set(told).size, 2)
    })

    it('leaves no beat behind when it was the last', async () => {
      const tab = await openAsVisitor(chat)
      assert.equal(clock.timers, 1)

      tab.socket.terminate()

      await until(() => clock.timers === 0)
    })
  })
})

describe('the web chat as a whole', () => {
  it('refuses lines beyond its limit with 503, and takes one when one is free', async () => {
    const chat = await servedChat(recordingHost(), { maxConnections: 1 })
    const first = await openAsVisitor(chat)

    await assert.rejects(openAsVisitor(chat), new Error('503'))
    first.socket.close()
    await first.closed
    await openAsVisitor(chat)

    await chat.close()
  })

  it('ends its lines when it closes, gives replies back and takes no further line', async () => {
    const host = recordingHost()
    const chat = await servedChat(host)
    const tab = await openAsVisitor(chat)
    const sent = chat.offer(host.presents[0]?.user ?? '', reply)

    await chat.channel.close()

    await tab.closed
    assert.equal((await sent).tag, 'later')
    await assert.rejects(openAsVisitor(chat), new Error('503'))
    await chat.close()
  })
})
