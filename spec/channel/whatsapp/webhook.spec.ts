import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { ANSWER_WITHIN_MS } from '../../../lib/channel/whatsapp/webhook.ts'
import { HandClock } from '../hand-clock.ts'
import { type Listening, listening } from '../listening.ts'
import {
  committed,
  once,
  type RecordingHost,
  recordingHost,
  recordingLog
} from '../recording-host.ts'
import { aChange, aPost, messages, signatureOf, statuses } from './a-post.ts'
import { aDoor, answerOf, rawPost, settings, signedPost } from './a-webhook.ts'

describe('the WhatsApp webhook', () => {
  let server: Listening
  let host: RecordingHost
  const log = recordingLog()

  beforeEach(async () => {
    host = recordingHost(once())
    server = await listening(aDoor(host, { log }).node)
  })
  afterEach(() => server.close())

  const post = (init: RequestInit) => answerOf(server.url, init)
  const texts = () =>
    host.heard.map(({ content }) => (content.kind === 'text' ? content.text : content.kind))

  describe('GET', () => {
    const query = (changes: Record<string, string | undefined>): string => {
      const all = {
        'hub.mode': 'subscribe',
        'hub.verify_token': 'the verify token',
        'hub.challenge': '1158201444',
        ...changes
      }
      return new URLSearchParams(
        Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined)
      ).toString()
    }

    it('echoes the challenge as plain text when the token is right', async () => {
      const { status, text, headers } = await answerOf(`${server.url}/x?${query({})}`, {})

      assert.deepEqual([status, text], [200, '1158201444'])
      assert.match(headers.get('content-type') ?? '', /^text\/plain/)
    })

    const refused: readonly (readonly [string, Record<string, string | undefined>])[] = [
      ['the token is wrong', { 'hub.verify_token': 'the verify tokem' }],
      ['the token is missing', { 'hub.verify_token': undefined }],
      ['the token is empty', { 'hub.verify_token': '' }],
      ['the mode is another', { 'hub.mode': 'unsubscribe' }],
      ['the mode is missing', { 'hub.mode': undefined }],
      ['the challenge is missing', { 'hub.challenge': undefined }]
    ]
    for (const [what, changes] of refused)
      it(`answers 403 when ${what} (B41)`, async () => {
        const { status } = await answerOf(`${server.url}/?${query(changes)}`, {})

        assert.equal(status, 403)
      })

    it('answers 403 without a query', async () => {
      assert.equal((await answerOf(server.url, {})).status, 403)
    })
  })

  describe('POST', () => {
    it('hands on every message in order and answers 200 (B33)', async () => {
      const list = [
        messages.text('1', 'one'),
        messages.text('2', 'two'),
        messages.text('3', 'three')
      ]

      const { status } = await post(signedPost(aPost(aChange({ messages: list }))))

      assert.equal(status, 200)
      assert.deepEqual(texts(), ['one', 'two', 'three'])
    })

    it('reads emoji and accents out of the escaped body that was signed', async () => {
      const said = 'Café à la crème 👩🏽‍🚀 ¿cuánto?'

      const { status } = await post(
        signedPost(aPost(aChange({ messages: [messages.text('1', said)] })))
      )

      assert.equal(status, 200)
      assert.deepEqual(texts(), [said])
    })

    it('gives every message of a mixed post its turn, past malformed neighbours', async () => {
      const json = aPost(
        aChange({ messages: [messages.text('1', 'one'), { type: 'text' }, messages.button('2')] }),
        aChange({ statuses: [statuses.delivered(), { status: 'sent' }, null, statuses.failed()] }),
        aChange({ messages: [messages.text('3', 'three')] })
      )

      const { status } = await post(signedPost(json))

      assert.equal(status, 200)
      assert.deepEqual(texts(), ['one', 'choice', 'three'])
      assert.deepEqual(
        host.statuses.map(({ status }) => status),
        ['delivered', 'failed']
      )
      assert.ok(log.lines.some(line => line.includes('"malformed":3')))
    })

    it('answers 200 to a repeat, which the runtime knows', async () => {
      const init = signedPost(aPost(aChange({ messages: [messages.text('1')] })))

      const answers = await Promise.all([post(init), post(init), post(init)])

      assert.deepEqual(
        answers.map(({ status }) => status),
        [200, 200, 200]
      )
      assert.equal(host.heard.length, 3)
    })

    const unsigned: readonly (readonly [string, Record<string, string>])[] = [
      ['no signature', {}],
      ['a wrong signature', { 'x-hub-signature-256': signatureOf(Buffer.from('other')) }],
      ['a signature of another algorithm', { 'x-hub-signature': `sha1=${'0'.repeat(40)}` }],
      ['half a signature', { 'x-hub-signature-256': 'sha256=00' }]
    ]
    for (const [what, headers] of unsigned)
      it(`answers 401 to ${what}, and parses nothing (B41)`, async () => {
        const { status } = await post({ method: 'POST', headers, body: '{ not JSON' })

        assert.equal(status, 401)
        assert.deepEqual(host.heard, [])
      })

    it('answers 400 to signed bytes that are not JSON, nested too deep or empty', async () => {
      for (const text of ['{"entry":[', `${'['.repeat(40)}${']'.repeat(40)}`, ''])
        assert.equal((await post(rawPost(Buffer.from(text)))).status, 400)
    })

    it('answers 200 to signed JSON of another shape, for a repeat would not mend it', async () => {
      for (const json of [null, 7, [], {}, { entry: 'x' }])
        assert.equal((await post(signedPost(json))).status, 200)
    })

    it('answers 405 to other methods and names the two it takes', async () => {
      for (const method of ['PUT', 'DELETE', 'PATCH', 'HEAD']) {
        const { status, headers } = await post({ method })

        assert.deepEqual([status, headers.get('allow')], [405, 'GET, POST'])
      }
    })

    it('never logs what was said, by whom, or a secret', async () => {
      await post(
        signedPost(aPost(aChange({ messages: [messages.text('1', 'my pin is 4711'), {}] })))
      )
      await post({ method: 'POST', body: 'my pin is 4711' })

      const all = log.lines.join()
      for (const secret of [
        '4711',
        '16505551234',
        settings.accessToken,
        String(settings.appSecret)
      ])
        assert.ok(!all.includes(secret))
    })
  })
})

describe('the answer to a post', () => {
  const three = aPost(
    aChange({ messages: [messages.text('1'), messages.text('2'), messages.text('3')] })
  )
  const idsOf = ({ heard }: RecordingHost) => heard.map(({ id }) => id)
  const answered = async (host: RecordingHost) => {
    const server = await listening(aDoor(host).node)
    try {
      return await answerOf(server.url, signedPost(three))
    } finally {
      await server.close()
    }
  }

  it('is 503 with the longest pause when any was shed; all had their turn (B29)', async () => {
    const host = recordingHost(({ id }) =>
      id === '1' ? committed : { tag: 'shed', reason: 'full', retryAfterMs: Number(id) * 1200 }
    )

    const { status, headers } = await answered(host)

    assert.deepEqual([status, headers.get('retry-after')], [503, '4'])
    assert.deepEqual(idsOf(host), ['1', '2', '3', '2', '3'])
  })

  it('names what was shed or late in the log, without its id, which holds a number', async () => {
    const log = recordingLog()
    const shedding = recordingHost(({ id }) =>
      id === '2' ? { tag: 'shed', reason: 'full', retryAfterMs: 1 } : committed
    )

    await answered({ ...shedding, log })

    const line = log.lines.find(text => text.includes('whatsapp.shed')) ?? ''
    const { names, messages: count } = JSON.parse(line) as { names: string[]; messages: number }
    const name = createHash('sha256').update('2').digest('hex').slice(0, 12)
    assert.deepEqual([count, names], [3, [name]])
  })

  it('is 503 when the runtime fails on one; its neighbours had their turn', async () => {
    const host = recordingHost(({ id }) => {
      if (id === '2') throw new Error('broken')
      return committed
    })

    const { status, headers } = await answered(host)

    assert.deepEqual([status, headers.get('retry-after')], [503, '1'])
    assert.deepEqual(idsOf(host), ['1', '2', '3', '2'])
  })

  it('is 503 when the runtime throws at once', async () => {
    const host = recordingHost()
    const broken = {
      ...host,
      receive: () => {
        throw new Error('not started')
      }
    }

    assert.equal((await answered(broken)).status, 503)
  })

  it('is 200 for every way of keeping a message', async () => {
    const ways = {
      1: { tag: 'deferred' },
      2: { tag: 'parked' },
      3: { tag: 'duplicate', replies: [] }
    } as const

    const { status } = await answered(recordingHost(({ id }) => ways[id as unknown as 1 | 2 | 3]))

    assert.equal(status, 200)
  })

  it('is 200 though the runtime fails on a status', async () => {
    const host = recordingHost()
    const deaf = {
      ...host,
      status: () => {
        throw new Error('broken')
      }
    }
    const server = await listening(aDoor(deaf).node)

    const { status } = await answerOf(
      server.url,
      signedPost(aPost(aChange({ statuses: [statuses.delivered()], messages: [messages.text()] })))
    )

    await server.close()
    assert.equal(status, 200)
    assert.equal(host.heard.length, 1)
  })

  it('is 503 when not all have ended in time; the work goes on', async () => {
    const clock = new HandClock()
    const waiting: (() => void)[] = []
    const host = recordingHost(({ id }) =>
      id === '2' ? new Promise(resolve => waiting.push(() => resolve(committed))) : committed
    )

    const answer = aDoor(host, { clock }).fetch(new Request('http://bot/', signedPost(three)))
    while (waiting.length === 0) await new Promise(setImmediate)
    clock.advance(ANSWER_WITHIN_MS)

    assert.equal((await answer).status, 503)
    assert.equal(host.heard.length, 3)
    for (const go of waiting) go()
  })

  it('takes every message before the first of them is done', async () => {
    const waiting: (() => void)[] = []
    const host = recordingHost(() => new Promise(resolve => waiting.push(() => resolve(committed))))
    const door = aDoor(host)

    const answer = door.fetch(new Request('http://bot/webhook', signedPost(three)))
    while (waiting.length === 0) await new Promise(setImmediate)

    assert.equal(host.heard.map(({ id }) => id).join(), '1,2,3')
    for (const go of waiting) go()
    assert.equal((await answer).status, 200)
  })
})
