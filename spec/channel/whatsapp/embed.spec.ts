import assert from 'node:assert/strict'
import express from 'express'
import fastify from 'fastify'
import { type Listening, listening } from '../listening.ts'
import { type RecordingHost, recordingHost, recordingLog } from '../recording-host.ts'
import { aChange, aPost, messages } from './a-post.ts'
import { aDoor, answerOf, signedPost } from './a-webhook.ts'

const said = 'déjà vu 🎉'
const post = signedPost(aPost(aChange({ messages: [messages.text('1', said)] })))
const path = '/webhooks/whatsapp'
const challenge = '?hub.mode=subscribe&hub.verify_token=the%20verify%20token&hub.challenge=42'

describe('the webhook in an express app', () => {
  let server: Listening | undefined
  afterEach(() => server?.close())

  const answers = async (app: express.Express) => {
    server = await listening(app)
    return answerOf(`${server.url}${path}`, post)
  }

  it('is mounted with app.all before the body parser', async () => {
    const host = recordingHost()
    const app = express()
    app.all(path, aDoor(host).node)
    app.use(express.json())

    const { status } = await answers(app)
    const verified = await answerOf(`${server?.url}${path}${challenge}`, {})

    assert.equal(status, 200)
    assert.deepEqual(host.heard[0]?.content, { kind: 'text', text: said })
    assert.equal(verified.text, '42')
  })

  it('names a body parser that ran before it, in the answer and in the log', async () => {
    const host = recordingHost()
    const log = recordingLog()
    const app = express()
    app.use(express.json())
    app.all(path, aDoor(host, { log }).node)

    const { status, text } = await answers(app)

    assert.equal(status, 500)
    assert.match(text, /CHP_BODY_PARSED.*before express\.json\(\)/)
    assert.ok(log.lines.some(line => line.includes('CHP_BODY_PARSED')))
    assert.deepEqual(host.heard, [])
  })

  it('names it also when the post is not signed, so that the first try shows it', async () => {
    const app = express()
    app.use(express.json())
    app.all(path, aDoor(recordingHost()).node)
    server = await listening(app)

    const headers = { 'content-type': 'application/json' }
    const init = { method: 'POST', headers, body: '{"a":1}' }

    assert.match((await answerOf(`${server.url}${path}`, init)).text, /CHP_BODY_PARSED/)
  })

  it('takes the bytes that express.raw() left', async () => {
    const host = recordingHost()
    const app = express()
    app.use(express.raw({ type: '*/*', limit: '3mb' }))
    app.all(path, aDoor(host).node)

    assert.equal((await answers(app)).status, 200)
    assert.deepEqual(host.heard[0]?.content, { kind: 'text', text: said })
  })

  it('takes the bytes that a verify hook kept as rawBody', async () => {
    const host = recordingHost()
    const app = express()
    app.use(
      express.json({
        verify: (req, _res, bytes) => {
          Object.assign(req, { rawBody: bytes })
        }
      })
    )
    app.all(path, aDoor(host).node)

    assert.equal((await answers(app)).status, 200)
    assert.deepEqual(host.heard[0]?.content, { kind: 'text', text: said })
  })

  it('is not misled by the empty body that a parser sets where it read nothing', async () => {
    const host = recordingHost()
    const app = express()
    app.use((req, _res, next) => {
      req.body = {}
      next()
    })
    app.all(path, aDoor(host).node)

    assert.equal((await answers(app)).status, 200)
  })
})

describe('the webhook in a fastify app', () => {
  const served = async (
    host: RecordingHost,
    keepRaw: boolean
  ): Promise<Awaited<ReturnType<typeof answerOf>>> => {
    const app = fastify()
    const wa = aDoor(host)
    await app.register((scope, _options, done) => {
      if (keepRaw) {
        scope.removeAllContentTypeParsers()
        scope.addContentTypeParser('*', (_request, _payload, parsed) => parsed(null))
      }
      scope.all(path, (request, reply) => {
        reply.hijack()
        wa.node(request.raw, reply.raw)
      })
      done()
    })
    try {
      const url = await app.listen({ host: '127.0.0.1', port: 0 })
      return await answerOf(`${url}${path}`, post)
    } finally {
      await app.close()
    }
  }

  it('is mounted in a scope without parsers', async () => {
    const host = recordingHost()

    const { status } = await served(host, true)

    assert.equal(status, 200)
    assert.deepEqual(host.heard[0]?.content, { kind: 'text', text: said })
  })

  it('names the parser of fastify when it ran before', async () => {
    const { status, text } = await served(recordingHost(), false)

    assert.equal(status, 500)
    assert.match(text, /CHP_BODY_PARSED/)
  })
})
