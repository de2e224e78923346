import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  ANSWER_BYTES_MAX,
  ledgerClient
} from '../../../../../examples/ledger/bot/client/ledger-client.ts'
import { requests } from '../../../../../examples/ledger/bot/client/requests.ts'
import { CallFailed } from '../../../../../lib/flow/index.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

describe('an answer that is none', () => {
  const servers: Server[] = []
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    }
  })

  /** How a login ends at a server that answers so. */
  async function ends(answer: Answer): Promise<string> {
    const server = createServer(answer)
    servers.push(server)
    server.listen({ host: '127.0.0.1', port: 0 })
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const client = ledgerClient({ url: `http://127.0.0.1:${port}/`, clientKey: 'client-1' })
    const { signal } = new AbortController()
    const failed = await client
      .ask(requests.login('1555'), { key: 'k', token: null, signal })
      .then(() => assert.fail('it was taken for an answer'))
      .catch((thrown: unknown) => thrown)
    assert.ok(failed instanceof CallFailed, String(failed))
    const { failure } = failed
    return 'detail' in failure ? `${failure.tag}: ${failure.detail}` : failure.tag
  }

  it('a redirect is not followed', async () => {
    let asked = 0

    const how = await ends((_request, response) => {
      asked += 1
      response.writeHead(302, { location: '/elsewhere' }).end()
    })

    assert.equal(how, 'badAnswer: status 302, no JSON')
    assert.equal(asked, 1)
  })

  it('more than 256 KB is not read to its end', async () => {
    const piece = 'x'.repeat(65_536)
    let sent = 0
    const how = await ends((_request, response) => {
      const pour = (): void => {
        while (sent < 1_000 && !response.destroyed) {
          sent += 1
          if (!response.write(piece)) break
        }
      }
      response.on('drain', pour)
      pour()
    })

    assert.equal(how, 'badAnswer: over 256 KB')
    assert.ok(sent * piece.length > ANSWER_BYTES_MAX && sent < 1_000, `sent ${sent}`)
  })

  it('a body that breaks off is unknown', async () => {
    const how = await ends((_request, response) => {
      response.writeHead(200, { 'content-length': '1000' })
      response.write('{"action":', () => response.destroy())
    })

    assert.match(how, /^unknown: /)
  })

  it('JSON of another shape, and a status of another world, are bad answers', async () => {
    const shape = await ends((_request, response) => response.end('{"token":5}'))
    const status = await ends((_request, response) => response.writeHead(404).end('gone'))
    const empty = await ends((_request, response) => response.writeHead(204).end())

    assert.equal(shape, 'badAnswer: status 200, another shape')
    assert.equal(status, 'badAnswer: status 404, no JSON')
    assert.equal(empty, 'badAnswer: status 204, no JSON')
  })

  it('a refusal in the words of the protocol alone is a bad answer', async () => {
    const error = { code: 'KEY_REQUIRED', message: 'm' }

    const how = await ends((_request, response) =>
      response.writeHead(400).end(JSON.stringify({ error }))
    )

    assert.equal(how, 'badAnswer: 400 KEY_REQUIRED')
  })

  it('says nothing of what was in it', async () => {
    const how = await ends((_request, response) => response.end('{"token":"tok-secret"}'))

    assert.doesNotMatch(how, /tok-secret/)
  })

  it('meets a request with the client key, a JSON body and no token', async () => {
    let seen: IncomingMessage['headers'] = {}

    await ends((request, response) => {
      seen = request.headers
      response.writeHead(502).end()
    })

    assert.equal(seen['x-client-api-key'], 'client-1')
    assert.equal(seen['content-type'], 'application/json')
    assert.equal(seen.authorization, undefined)
  })
})
