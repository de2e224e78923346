import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Outgoing, Sent } from '../../../lib/channel/channel.ts'
import { whatsapp } from '../../../lib/channel/whatsapp/whatsapp.ts'
import { HandClock } from '../hand-clock.ts'
import { type Listening, listening } from '../listening.ts'
import { recordingLog } from '../recording-host.ts'
import { settings } from './a-webhook.ts'

const outgoing = {
  address: { channel: 'whatsapp', account: settings.phoneNumberId, user: '16505551234' },
  key: 'a stable key',
  reply: { kind: 'text', text: 'the balance is 4711' },
  heardAgoMs: null
} as const
const accepted = { messaging_product: 'whatsapp', messages: [{ id: 'wamid.out' }] }
const graphError = (code: number, rest: object = {}) => ({
  error: {
    message: `(#${code}) 16505551234`,
    type: 'OAuthException',
    code,
    fbtrace_id: 'x',
    ...rest
  }
})

const refused = (code: number): Partial<Sent> => ({ tag: 'refused', code: String(code) })

type Answer = (res: ServerResponse, req: IncomingMessage) => void
const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  res =>
    res
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify(body))
const raw =
  (status: number, body: string): Answer =>
  res =>
    res.writeHead(status, { 'content-type': 'text/html' }).end(body)

describe('sending to the Graph API', () => {
  let server: Listening
  let answer: Answer
  let asked: { req: IncomingMessage; body: string }[]
  let log: ReturnType<typeof recordingLog>
  const clock = new HandClock()

  beforeEach(async () => {
    asked = []
    log = recordingLog()
    server = await listening((req, res) => {
      let body = ''
      req.setEncoding('utf8').on('data', (part: string) => {
        body += part
      })
      req.on('end', () => {
        asked.push({ req, body })
        answer(res, req)
      })
    })
  })
  afterEach(() => server.close())

  const wa = (url = server.url) => whatsapp({ ...settings, apiUrl: `${url}/v22.0/`, clock, log })
  const send = (signal = new AbortController().signal, url = server.url): Promise<Sent> =>
    wa(url).send(outgoing, signal)

  it('posts JSON with the bearer token to the number, and gives the id it got', async () => {
    answer = json(200, accepted)

    assert.deepEqual(await send(), { tag: 'sent', providerId: 'wamid.out' })
    const [{ req, body } = assert.fail()] = asked
    assert.equal(req.method, 'POST')
    assert.equal(req.url, `/v22.0/${settings.phoneNumberId}/messages`)
    assert.equal(req.headers.authorization, `Bearer ${settings.accessToken}`)
    assert.match(req.headers['content-type'] ?? '', /^application\/json/)
    assert.deepEqual(JSON.parse(body), {
      messaging_product: 'whatsapp',
      recipient_type: 'individual',
      to: '16505551234',
      type: 'text',
      text: { body: 'the balance is 4711' }
    })
  })

  const table: readonly (readonly [string, Answer, Partial<Sent> & { why?: unknown }, boolean?])[] =
    [
      ['throughput', json(429, graphError(130429)), { tag: 'later', afterMs: 1000 }],
      ['account rate', json(400, graphError(80007)), { tag: 'later', afterMs: 10_000 }],
      ['pair rate', json(400, graphError(131056)), { tag: 'later', afterMs: 6000 }],
      ['app rate', json(400, graphError(4)), { tag: 'later', afterMs: 10_000 }],
      ['page rate', json(400, graphError(32)), { tag: 'later', afterMs: 10_000 }],
      ['custom rate', json(400, graphError(613)), { tag: 'later', afterMs: 10_000 }],
      ['24 h window', json(400, graphError(131047)), { tag: 'dropped' }],
      ['stopped by the member', json(400, graphError(131050)), { tag: 'dropped' }],
      ['undeliverable', json(400, graphError(131026)), refused(131026)],
      ['invalid parameter', json(400, graphError(100)), refused(100)],
      ['missing parameter', json(400, graphError(131008)), refused(131008)],
      ['template paused', json(400, graphError(132015)), refused(132015)],
      ['an unknown code', json(400, graphError(999999)), refused(999999)],
      [
        'an unknown code called transient',
        json(400, graphError(999999, { is_transient: true })),
        { tag: 'later', afterMs: 0 }
      ],
      ['expired token', json(401, graphError(190)), { tag: 'later', afterMs: 0 }, true],
      ['refused token', json(401, graphError(0)), { tag: 'later', afterMs: 0 }, true],
      ['no permission', json(403, graphError(10)), { tag: 'later', afterMs: 0 }, true],
      ['no permission of 2xx', json(403, graphError(200)), { tag: 'later', afterMs: 0 }, true],
      [
        'unknown number id',
        json(400, graphError(100, { error_subcode: 33 })),
        { tag: 'later', afterMs: 0 },
        true
      ],
      ['service down', json(503, graphError(2)), { tag: 'later', afterMs: 0 }],
      ['unknown fault', json(500, graphError(1)), { tag: 'later', afterMs: 0 }],
      ['an unknown code of a fault', json(500, graphError(999999)), { tag: 'later', afterMs: 0 }],
      ['a page of a proxy', raw(502, '<html>bad gateway'), { tag: 'later', afterMs: 0 }],
      ['a page called well', raw(200, '<html>hello'), { tag: 'later', afterMs: 0 }],
      ['well without an id', json(200, { messages: [] }), { tag: 'later', afterMs: 0 }],
      ['an empty answer', raw(200, ''), { tag: 'later', afterMs: 0 }],
      ['an error that is no object', json(400, { error: 'no' }), { tag: 'later', afterMs: 0 }],
      [
        'an answer over 64 KB',
        raw(200, JSON.stringify(accepted) + ' '.repeat(64 * 1024)),
        { tag: 'later', afterMs: 0 }
      ],
      [
        'a pause in seconds',
        json(429, graphError(130429), { 'retry-after': '7' }),
        { tag: 'later', afterMs: 7000 }
      ],
      [
        'a pause until a date',
        json(503, graphError(2), {
          'retry-after': new Date(new HandClock().nowMs() + 90_000).toUTCString()
        }),
        { tag: 'later', afterMs: 90_000 }
      ],
      [
        'a pause of a year',
        json(503, graphError(2), { 'retry-after': '31536000' }),
        { tag: 'later', afterMs: 3_600_000 }
      ]
    ]
  for (const [what, given, expected, alarm = false] of table)
    it(`answers ${expected.tag} to ${what}${alarm ? ', with an alarm' : ''}`, async () => {
      answer = given

      const { why, ...sent } = (await send()) as Sent & { why: string }

      assert.deepEqual(sent, alarm ? { ...expected, alarm } : expected)
      assert.match(why, /^(code|http) \d+: \S/)
      const isWarned = log.lines.some(line => /"level":"warn".*"alarm":true/.test(line))
      assert.equal(isWarned, alarm)
      assert.ok(!`${why}${log.lines.join()}`.match(/4711|16505551234|the access token/))
    })

  const DAY_MS = 86_400_000
  const closed = { name: 'news', language: 'en', parameters: ['4711'] }
  const windows: readonly (readonly [string, object, number, string | null])[] = [
    ['a text within 24 h', outgoing.reply, DAY_MS, 'text'],
    ['nothing in the place of a text after 24 h', outgoing.reply, DAY_MS + 1, null],
    ['a template after 24 h', { kind: 'template', ...closed }, 3 * DAY_MS, 'template'],
    ['a text with a template within 24 h', { ...outgoing.reply, closed }, DAY_MS, 'text'],
    ['the template of a text after 24 h', { ...outgoing.reply, closed }, DAY_MS + 1, 'template']
  ]
  for (const [what, reply, heardAgoMs, type] of windows)
    it(`posts ${what}`, async () => {
      answer = json(200, accepted)
      const offer = { ...outgoing, reply, heardAgoMs } as Outgoing

      const sent = await wa().send(offer, new AbortController().signal)

      assert.equal(sent.tag, type === null ? 'dropped' : 'sent')
      assert.deepEqual(
        asked.map(({ body }) => (JSON.parse(body) as { type: string }).type),
        type === null ? [] : [type]
      )
    })

  it('takes a page of 2 MB with status 200 for no answer', async () => {
    answer = raw(200, '<p>all is well</p>'.repeat(120_000))

    assert.equal((await send()).tag, 'later')
  })

  it('takes an error in the body of a 200 for what it says', async () => {
    answer = json(200, graphError(131_047))

    assert.equal((await send()).tag, 'dropped')
  })

  it('follows no redirect, which would carry the token away', async () => {
    answer = res => res.writeHead(307, { location: `${server.url}/elsewhere` }).end()

    assert.equal((await send()).tag, 'later')
    assert.equal(asked.length, 1)
  })

  it('answers later when nobody listens', async () => {
    const gone = await listening(() => undefined)
    await gone.close()

    assert.deepEqual(await send(undefined, gone.url), {
      tag: 'later',
      afterMs: 0,
      why: 'network ECONNREFUSED'
    })
  })

  it('answers later when the answer is cut off', async () => {
    answer = res => {
      res.writeHead(200, { 'content-length': '500' }).write('{"messages"', () => res.destroy())
    }

    assert.equal((await send()).tag, 'later')
  })

  it('answers later when its time is over', async () => {
    const limit = new AbortController()
    answer = () => limit.abort()

    assert.deepEqual(await send(limit.signal), { tag: 'later', afterMs: 0, why: 'timed out' })
  })
})
