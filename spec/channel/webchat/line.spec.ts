import assert from 'node:assert/strict'
import type { Receipt } from '../../../lib/channel/channel.ts'
import { FRAME_BYTES_MAX } from '../../../lib/channel/webchat/frame.ts'
import { FRAMES_BURST, TAKING_MAX } from '../../../lib/channel/webchat/line.ts'
import { HandClock } from '../hand-clock.ts'
import { committed, type RecordingHost, recordingHost, recordingLog } from '../recording-host.ts'
import { openAsVisitor, type ServedChat, servedChat, until } from './a-visitor.ts'

describe('what a visitor says', () => {
  let chat: ServedChat
  let host: RecordingHost
  let clock: HandClock
  let answer: (id: string) => Receipt | Promise<Receipt>
  const log = recordingLog()

  beforeEach(async () => {
    answer = () => committed
    host = recordingHost(({ id }) => answer(id))
    clock = new HandClock()
    chat = await servedChat(host, { clock, log })
  })
  afterEach(() => chat.close())

  const userOf = (index = 0) => host.presents[index]?.user ?? assert.fail('nobody is there')

  it('is handed over and acknowledged when it is taken', async () => {
    const tab = await openAsVisitor(chat)

    tab.say({ kind: 'say', id: 'm1', text: 'Ça va ? 👍' })
    tab.say({ kind: 'choose', id: 'm2', instance: '1.2.0.x', option: 'yes' })

    assert.equal((await tab.next('taken')).id, 'm1')
    assert.equal((await tab.next('taken')).id, 'm2')
    const address = { channel: 'webchat', account: 'web', user: userOf() }
    assert.deepEqual(host.heard, [
      { address, id: 'm1', content: { kind: 'text', text: 'Ça va ? 👍' } },
      { address, id: 'm2', content: { kind: 'choice', instance: '1.2.0.x', option: 'yes' } }
    ])
  })

  it('is acknowledged again when it comes again, for the first answer may be lost', async () => {
    answer = () => (host.heard.length > 1 ? { tag: 'duplicate', replies: [] } : committed)
    const tab = await openAsVisitor(chat)

    tab.say({ kind: 'say', id: 'm1', text: 'hi' })
    tab.say({ kind: 'say', id: 'm1', text: 'hi' })

    await tab.next('taken')
    assert.equal((await tab.next('taken')).id, 'm1')
  })

  it('keeps its order though the first takes longest', async () => {
    const waiting: (() => void)[] = []
    answer = () => new Promise(resolve => waiting.push(() => resolve(committed)))
    const tab = await openAsVisitor(chat)

    for (const id of ['1', '2', '3']) tab.say({ kind: 'say', id, text: id })
    await until(() => waiting.length === 3)

    assert.deepEqual(
      host.heard.map(({ id }) => id),
      ['1', '2', '3']
    )
    for (const go of waiting.reverse()) go()
    await tab.next('taken')
  })

  it('is acknowledged when it is deferred or parked, and not when it is shed', async () => {
    const ways: Record<string, Receipt> = {
      a: { tag: 'deferred' },
      b: { tag: 'parked' },
      c: { tag: 'shed', reason: 'full', retryAfterMs: 700 }
    }
    answer = id => ways[id] ?? committed
    const tab = await openAsVisitor(chat)

    for (const id of ['a', 'b', 'c']) tab.say({ kind: 'say', id, text: id })

    assert.deepEqual(await tab.next('shed'), { kind: 'shed', id: 'c', retryAfterMs: 700 })
    assert.equal((await tab.next('taken')).id, 'a')
    assert.equal((await tab.next('taken')).id, 'b')
  })

  it('is asked for again when the runtime fails on it, and is not logged', async () => {
    answer = () => {
      throw new Error('no room for my pin 4711')
    }
    const tab = await openAsVisitor(chat)

    tab.say({ kind: 'say', id: 'm1', text: 'my pin is 4711' })

    assert.deepEqual(await tab.next('shed'), { kind: 'shed', id: 'm1', retryAfterMs: 1000 })
    assert.ok(log.lines.some(line => line.includes('webchat.receiveFailed')))
    assert.ok(!log.lines.join().includes('4711'))
  })

  it('is shed beyond what one line may have in hand', async () => {
    answer = () => new Promise(() => undefined)
    const tab = await openAsVisitor(chat)

    for (let count = 0; count <= TAKING_MAX; count += 1)
      tab.say({ kind: 'say', id: `m${count}`, text: 'x' })

    assert.equal((await tab.next('shed')).id, `m${TAKING_MAX}`)
    assert.equal(host.heard.length, TAKING_MAX)
  })

  it('is shed when it comes too fast, and taken again a second later', async () => {
    const tab = await openAsVisitor(chat)
    for (let count = 0; count < FRAMES_BURST; count += 1) {
      tab.say({ kind: 'say', id: `m${count}`, text: 'x' })
      await tab.next('taken')
    }

    tab.say({ kind: 'say', id: 'over', text: 'x' })
    assert.equal((await tab.next('shed')).id, 'over')
    clock.advance(1_000)
    tab.say({ kind: 'say', id: 'over', text: 'x' })

    assert.equal((await tab.next('taken')).id, 'over')
  })

  const malformed: readonly (readonly [string, string | Buffer, number])[] = [
    ['is not JSON', 'hello', 1008],
    ['is no frame of ours', '{"kind":"shout","id":"1","text":"x"}', 1008],
    ['is binary', Buffer.of(1, 2, 3), 1008],
    ['is over 64 KB', JSON.stringify({ text: 'x'.repeat(FRAME_BYTES_MAX) }), 1009]
  ]
  for (const [what, data, code] of malformed)
    it(`ends the line with ${code} when it ${what}`, async () => {
      const tab = await openAsVisitor(chat)

      tab.socket.send(data)

      assert.equal(await tab.closed, code)
      assert.deepEqual(host.heard, [])
    })
})
