import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import express from 'express'
import fastify from 'fastify'
import { webchat } from '../../../lib/channel/webchat/webchat.ts'
import { ChaperoneError } from '../../../lib/kernel/failure.ts'
import { listening } from '../listening.ts'
import { recordingHost } from '../recording-host.ts'
import {
  cookieOf,
  openAsVisitor,
  openTab,
  type ServedChat,
  secret,
  servedChat
} from './a-visitor.ts'

const folder = new URL('../../../lib/channel/webchat/page/', import.meta.url)

describe('the page', () => {
  let chat: ServedChat
  beforeEach(async () => {
    chat = await servedChat(recordingHost(), { title: 'Savings & <Loans>' })
  })
  afterEach(() => chat.close())

  const got = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${chat.url}${path}`, { redirect: 'manual', ...init })
    return { response, text: await response.text() }
  }

  it('bears the title, as text', async () => {
    const { response, text } = await got('/')

    assert.equal(response.status, 200)
    assert.match(response.headers.get('content-type') ?? '', /^text\/html/)
    assert.match(text, /<title>Savings &amp; &lt;Loans&gt;<\/title>/)
    assert.ok(!text.includes('{{'))
  })

  it('serves every file of its folder and each as what it is', async () => {
    const types = {
      html: 'text/html',
      css: 'text/css',
      js: 'text/javascript',
      svg: 'image/svg+xml'
    }
    const names = readdirSync(folder)

    assert.ok(
      names.includes('index.html') && names.includes('chat.css') && names.includes('chat.js')
    )
    for (const name of names) {
      const { response, text } = await got(`/${name}`)

      const ending = name.split('.').at(-1) as keyof typeof types
      assert.ok(response.headers.get('content-type')?.startsWith(types[ending]), name)
      assert.ok(text.length > 0)
    }
  })

  it('asks only for files that are there, and for nothing from elsewhere', async () => {
    const html = (await got('/')).text
    const asked = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, name]) => name ?? '')

    assert.ok(asked.length >= 3)
    for (const name of asked) assert.equal((await got(`/${name}`)).response.status, 200, name)
    for (const name of readdirSync(folder)) {
      const text = readFileSync(new URL(name, folder), 'utf8')
      assert.ok(!/(?:src|href|url|import|from)[=(\s]*["']?(?:https?:)?\/\//.test(text), name)
    }
  })

  it('has no script, style or handler written into it, nor a way to write HTML', async () => {
    const html = (await got('/')).text

    assert.ok(!/<script(?![^>]*\bsrc=)/.test(html))
    assert.ok(!/<style|\sstyle=|\son[a-z]+=/.test(html))
    for (const name of readdirSync(folder).filter(name => name.endsWith('.js'))) {
      const code = readFileSync(new URL(name, folder), 'utf8')
      assert.ok(!/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b/.test(code), name)
    }
  })

  it('has exactly one text input', async () => {
    const { text } = await got('/')

    assert.equal([...text.matchAll(/<(input|textarea)\b/g)].length, 1)
  })

  it('is locked down by its headers', async () => {
    const { response } = await got('/')
    const policy = response.headers.get('content-security-policy') ?? ''

    for (const rule of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"])
      assert.ok(policy.includes(rule))
    assert.ok(!policy.includes('unsafe'))
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff')
    assert.equal(response.headers.get('referrer-policy'), 'no-referrer')
  })

  it('is not sent again when the browser has it', async () => {
    const etag = (await got('/chat.js')).response.headers.get('etag') ?? ''
    const { response, text } = await got('/chat.js', { headers: { 'if-none-match': etag } })

    assert.deepEqual([response.status, text], [304, ''])
  })

  it('makes a newcomer a visitor, and keeps a visitor the same', async () => {
    const first = await cookieOf(chat.url)
    const second = await cookieOf(chat.url)
    const again = await got('/', { headers: { cookie: first } })

    assert.match(first, /^chp_[0-9a-f]{8}=[\w-]{22}\.[\w-]{43}$/)
    assert.notEqual(first, second)
    assert.ok(again.response.headers.get('set-cookie')?.startsWith(`${first};`))
  })

  it('takes no one for new whom a link elsewhere led here', async () => {
    const headers = { 'sec-fetch-site': 'cross-site' }
    const led = await got('/', { headers })
    const asked = await got('/session', { headers: { 'sec-fetch-site': 'same-origin' } })

    assert.equal(led.response.status, 200)
    assert.equal(led.response.headers.get('set-cookie'), null)
    assert.equal(asked.response.status, 204)
    assert.match(asked.response.headers.get('set-cookie') ?? '', /^chp_/)
  })

  it('asks for TLS with the cookie when a proxy says that there is TLS', async () => {
    const { response } = await got('/', { headers: { 'x-forwarded-proto': 'https' } })

    assert.match(response.headers.get('set-cookie') ?? '', /; Secure$/)
  })

  const refused: readonly (readonly [string, string, number])[] = [
    ['GET', '/nothing', 404],
    ['GET', '/..%2f..%2fpackage.json', 404],
    ['GET', '/page/index.html', 404],
    ['GET', '/constructor', 404],
    ['POST', '/', 405],
    ['DELETE', '/chat.js', 405]
  ]
  for (const [method, path, status] of refused)
    it(`answers ${status} to ${method} ${path}`, async () => {
      assert.equal((await got(path, { method })).response.status, status)
    })
})

describe('the page in a server of the host', () => {
  it('lives under a path, to which the path without its slash leads', async () => {
    const chat = await servedChat(recordingHost(), { path: '/chat' })

    const bare = await fetch(`${chat.url}/chat`, { redirect: 'manual' })
    const page = await fetch(`${chat.url}/chat/`)
    const outside = await fetch(chat.url)
    const tab = await openTab(
      chat,
      { cookie: await cookieOf(`${chat.url}/chat/`) },
      { path: '/chat/socket' }
    )

    assert.deepEqual([bare.status, bare.headers.get('location')], [308, '/chat/'])
    assert.match(page.headers.get('set-cookie') ?? '', /Path=\/chat\/;/)
    assert.deepEqual([page.status, outside.status], [200, 404])
    tab.socket.terminate()
    await chat.close()
  })

  it('goes into express with app.use, which gets what is not ours', async () => {
    const door = webchat({ secret }).mount(recordingHost())
    const app = express()
    app.use(door.node)
    app.get('/health', (_req, res) => {
      res.send('well')
    })
    const server = await listening(app)

    const page = await fetch(server.url)
    const health = await fetch(`${server.url}/health`)

    assert.match(await page.text(), /<form id="composer">/)
    assert.equal(await health.text(), 'well')
    await server.close()
  })

  it('goes into express under a mount path', async () => {
    const door = webchat({ secret, path: '/chat' }).mount(recordingHost())
    const server = await listening(express().use('/chat', door.node))

    assert.equal((await fetch(`${server.url}/chat/chat.js`)).status, 200)
    await server.close()
  })

  it('goes into fastify with a hijacked reply, and lets it close', async () => {
    const channel = webchat({ secret })
    const door = channel.mount(recordingHost())
    const app = fastify()
    app.get('/*', (request, reply) => {
      reply.hijack()
      door.node(request.raw, reply.raw)
    })
    app.server.on('upgrade', door.upgrade)
    app.addHook('preClose', () => channel.close())
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    const port = Number(new URL(url).port)

    assert.match(await (await fetch(url)).text(), /<form id="composer">/)
    const tab = await openTab({ url, port }, { cookie: await cookieOf(url) })
    await app.close()
    await tab.closed
  })
})

describe('the secret of the web chat', () => {
  it('is the one of the host unless one is given, so that visitors outlive a restart', async () => {
    const host = recordingHost()
    const first = await servedChat(host)
    const cookie = await cookieOf(first.url)
    await first.close()
    const second = await servedChat(host, {}, first.port)

    const tab = await openTab(second, { cookie })

    assert.equal(host.presents.length, 1)
    tab.socket.terminate()
    await second.close()
  })

  it('is the given one where there is one', async () => {
    const [given, own] = [
      await servedChat(recordingHost(), { secret }),
      await servedChat(recordingHost())
    ]

    assert.notEqual(nameOf(await cookieOf(given.url)), nameOf(await cookieOf(own.url)))
    await given.close()
    await own.close()
  })

  it('is not there before the host has started: 503, and then all is well', async () => {
    const started = recordingHost()
    let hasStarted = false
    const host = { ...started, secret: () => (hasStarted ? started.secret('webchat') : null) }
    const chat = await servedChat(host)
    const statusOf = async (path: string) => (await fetch(`${chat.url}${path}`)).status

    assert.deepEqual([await statusOf('/'), await statusOf('/session')], [503, 503])
    assert.deepEqual([await statusOf('/chat.css'), await statusOf('/other')], [200, 404])
    await assert.rejects(openTab(chat, {}), new Error('503'))
    hasStarted = true
    await openAsVisitor(chat)

    await chat.close()
  })
})

describe('webchat()', () => {
  const wrong: readonly (readonly [string, object])[] = [
    ['a short secret', { secret: new Uint8Array(15) }],
    ['a secret that is a text', { secret: 'x'.repeat(32) }],
    ['a path without a slash', { path: 'chat' }],
    ['a path of another host', { path: '//elsewhere' }],
    ['a path that could break a header', { path: '/a;b' }]
  ]
  for (const [what, changes] of wrong)
    it(`refuses ${what}`, () => {
      assert.throws(
        () => webchat({ secret, ...changes }),
        (error: unknown) =>
          error instanceof ChaperoneError && error.failure.code === 'CHP_SETTING_INVALID'
      )
    })
})

function nameOf(cookie: string): string {
  return cookie.split('=', 1)[0] ?? ''
}
