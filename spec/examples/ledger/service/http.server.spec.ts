import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import {
  createLedgerService,
  type LedgerService
} from '../../../../examples/ledger/service/ledger-service.ts'
import { systemClock, systemRandom } from '../../../../examples/ledger/service/surroundings.ts'
import { ALICE, anOffer, KeptLog } from './a-service.ts'

describe('over HTTP', () => {
  const logger = new KeptLog()
  let service: LedgerService
  let url = ''
  before(async () => {
    service = await createLedgerService({
      clock: systemClock,
      random: systemRandom,
      logger,
      control: true
    })
    url = (await service.listen()).url
  })
  after(() => service.close())
  afterEach(() => service.control({ clearFaults: true }))

  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(url + path, {
      method: 'POST',
      headers,
      body: typeof body === 'string' ? body : JSON.stringify(body)
    })

  async function signedIn(): Promise<Record<string, string>> {
    const { token } = (await (await post('/login', { phone: ALICE })).json()) as { token: string }
    return { authorization: `Bearer ${token}` }
  }

  it('says where it listens, on loopback', () => {
    const line = logger.lines.find(text => text.includes('ledger.listening')) ?? ''

    assert.deepEqual(JSON.parse(line), { level: 'info', event: 'ledger.listening', url })
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/)
  })

  it('a member logs in, offers, and reads what came of it', async () => {
    const headers = await signedIn()

    const made = await post('/offers', anOffer(), { ...headers, 'idempotency-key': 'http-1' })
    const read = await fetch(`${url}/operations/http-1`, { headers })

    assert.equal(made.status, 200)
    assert.equal(made.headers.get('content-type'), 'application/json; charset=utf-8')
    const { action } = (await made.json()) as { action: { type: string } }
    assert.equal(action.type, 'OFFER_CREATED')
    const { action: recalled } = (await read.json()) as { action: { details: object } }
    assert.deepEqual(recalled.details, { key: 'http-1', outcome: { action } })
  })

  it('names outside ASCII arrive whole', async () => {
    const body = { firstName: 'Zoë 👋', lastName: '李', phone: 'web-1', defaultDenom: 'USD' }

    const made = await post('/members', body, { 'idempotency-key': 'http-2' })

    const { dashboard } = (await made.json()) as { dashboard: { member: { firstName: string } } }
    assert.equal(dashboard.member.firstName, 'Zoë 👋')
  })

  for (const bytes of [65_537, 3_000_000])
    it(`a body of ${bytes} bytes is 413, and the connection still serves`, async () => {
      const answer = await post('/login', 'x'.repeat(bytes))

      assert.equal(answer.status, 413)
      assert.match(await answer.text(), /TOO_LARGE/)
      assert.equal((await post('/login', { phone: ALICE })).status, 200)
    })

  it('what is not HTTP is 400', async () => {
    const answer = await raw('EHLO ledger\r\n\r\n')

    assert.match(answer, /^HTTP\/1\.1 400 Bad Request\r\n[^]*MALFORMED/)
  })

  for (const kind of ['refuse', 'resetBeforeCommit', 'resetAfterCommit'])
    it(`${kind} breaks the connection`, async () => {
      await service.control({ faults: [{ kind, endpoint: 'login' }] })

      await assert.rejects(post('/login', { phone: ALICE }), /fetch failed/)
      assert.equal((await post('/login', { phone: ALICE })).status, 200)
    })

  it('timeout leaves the request without an answer, and the others served', async () => {
    await service.control({ faults: [{ kind: 'timeout', endpoint: 'login' }] })
    const leaving = new AbortController()
    const hanging = fetch(`${url}/login`, {
      method: 'POST',
      body: JSON.stringify({ phone: ALICE }),
      signal: leaving.signal
    })
    hanging.catch(() => 'awaited below')
    await until(() => service.log().requests.at(-1)?.status === 'hang')

    assert.equal((await post('/login', { phone: ALICE })).status, 200)
    leaving.abort()
    await assert.rejects(hanging, { name: 'AbortError' })
  })

  it('slowHeaders sends the status line first and the rest later', async () => {
    await service.control({ faults: [{ kind: 'slowHeaders', ms: 30, endpoint: 'login' }] })
    const body = JSON.stringify({ phone: ALICE })
    const parts: string[] = []

    await raw(
      `POST /login HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      text => parts.push(text)
    )

    assert.equal(parts[0], 'HTTP/1.1 200 OK\r\n')
    const [head = '', json = ''] = parts.slice(1).join('').split('\r\n\r\n')
    assert.match(head, /content-type: application\/json/)
    assert.match(json, /^\{"action":.*\}$/)
  })

  it('closing breaks what is open and frees the port', async () => {
    const other = await createLedgerService({
      clock: systemClock,
      random: systemRandom,
      logger: new KeptLog()
    })
    const { url: first } = await other.listen()
    await other.control({ faults: [{ kind: 'timeout', endpoint: 'login' }] })
    const hanging = fetch(`${first}/login`, { method: 'POST', body: '{}' })
    hanging.catch(() => 'awaited below')
    await until(() => other.log().requests.at(-1)?.status === 'hang')

    await other.close()

    await assert.rejects(hanging, /fetch failed/)
    await assert.rejects(fetch(`${first}/login`), /fetch failed/)
  })

  it('an address that is taken is refused', async () => {
    await assert.rejects(service.listen({ port: Number(new URL(url).port) }), /EADDRINUSE/)
  })

  /** Sends bytes and answers all that comes back before the other side ends. */
  async function raw(text: string, onPart: (part: string) => void = () => undefined) {
    const socket = connect(Number(new URL(url).port), '127.0.0.1').setEncoding('utf8')
    const parts: string[] = []
    socket.on('data', (part: string) => {
      parts.push(part)
      onPart(part)
    })
    socket.write(text)
    await once(socket, 'end')
    socket.destroy()
    return parts.join('')
  }
})

/** Waits on a condition, one turn of the event loop at a time; mocha's time limit ends it. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(resolve => setImmediate(resolve))
}
