import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { LINES_PER_VISITOR_MAX } from '../../../lib/channel/webchat/lines.ts'
import { type RecordingHost, recordingHost } from '../recording-host.ts'
import {
  cookieOf,
  openAsVisitor,
  openTab,
  type ServedChat,
  servedChat,
  until
} from './a-visitor.ts'

describe('a line of the web chat, when it opens', () => {
  let chat: ServedChat
  let host: RecordingHost

  beforeEach(async () => {
    host = recordingHost()
    chat = await servedChat(host)
  })
  afterEach(() => chat.close())

  const userOf = (index = 0) => host.presents[index]?.user ?? assert.fail('nobody is there')

  it('says hello and tells the host who listens', async () => {
    const tab = await openAsVisitor(chat)

    const [hello] = tab.told
    assert.ok(hello?.kind === 'hello' && hello.version === 1)
    await until(() => host.presents.length === 1)
    assert.deepEqual(host.presents[0], { channel: 'webchat', account: 'web', user: userOf() })
    assert.ok(!JSON.stringify(tab.told).includes(userOf()))
  })

  it('knows the same visitor again, and another as another', async () => {
    const cookie = await cookieOf(chat.url)
    const tags = []
    for (const one of [cookie, cookie, await cookieOf(chat.url)]) {
      const tab = await openTab(chat, { cookie: one })
      tags.push(tab.told[0]?.kind === 'hello' && tab.told[0].visitor)
    }

    assert.equal(userOf(0), userOf(1))
    assert.notEqual(userOf(0), userOf(2))
    assert.equal(tags[0], tags[1])
    assert.notEqual(tags[0], tags[2])
  })

  const refused: readonly (readonly [string, Record<string, string | undefined>, string])[] = [
    ['no cookie', { cookie: undefined }, '401'],
    ['a forged cookie', { cookie: `chp_00000000=${'a'.repeat(22)}.${'a'.repeat(43)}` }, '401'],
    ['another origin', { origin: 'https://evil.example' }, '403'],
    ['another port', { origin: 'http://127.0.0.1:1' }, '403'],
    ['no origin', { origin: undefined }, '403'],
    ['an origin that hides', { origin: 'null' }, '403']
  ]
  for (const [what, headers, status] of refused)
    it(`is refused with ${status} for ${what}`, async () => {
      const cookie = await cookieOf(chat.url)

      await assert.rejects(openTab(chat, { cookie, ...headers }), new Error(status))
      assert.deepEqual(host.presents, [])
    })

  it('is refused with 404 elsewhere', async () => {
    const cookie = await cookieOf(chat.url)

    await assert.rejects(openTab(chat, { cookie }, { path: '/other' }), new Error('404'))
  })

  it('is refused with 429 beyond what one visitor may have', async () => {
    const cookie = await cookieOf(chat.url)
    for (let count = 0; count < LINES_PER_VISITOR_MAX; count += 1) await openTab(chat, { cookie })

    await assert.rejects(openTab(chat, { cookie }), new Error('429'))
    await openAsVisitor(chat)
  })

  it('survives a socket that breaks off while it is upgraded', async () => {
    const chat = await servedChat(recordingHost())
    const socket = connect(chat.port, '127.0.0.1')
    socket.write(
      'GET /socket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'
    )
    await new Promise(resolve => socket.once('data', resolve))
    socket.destroy()

    await openAsVisitor(chat)

    await chat.close()
  })
})
