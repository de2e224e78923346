import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import { listening } from '../channel/listening.ts'
import {
  APP_SECRET,
  aChange,
  aPost,
  escaped,
  messages,
  PHONE_NUMBER_ID,
  signatureOf
} from '../channel/whatsapp/a-post.ts'
import { loaderOf, sourceOf } from '../support/child-program.ts'

const MEMBER = '16505551234'

describe('the examples, each a process', () => {
  const ends: (() => unknown)[] = []
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'chaperone-example-'))
  })
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Starts an example on a free port, which is known before it listens. */
  async function started(name: string, env: Record<string, string> = {}, onPort?: string) {
    const port = onPort ?? String(await freePort())
    const program = sourceOf(`examples/${name}.ts`)
    const child = spawn(process.execPath, [...loaderOf(program), program], {
      env: { ...process.env, ...env, PORT: port, DATA_DIR: folder },
      stdio: ['ignore', 'ignore', 'inherit']
    })
    ends.push(() => child.kill('SIGKILL'))
    return { child, port, url: `http://127.0.0.1:${port}` }
  }

  for (const server of ['embed-express/server', 'embed-fastify/server', 'embed-http/server'])
    it(`${server} answers a signed webhook, replies, and stops cleanly`, async () => {
      const graph = await graphStandIn()
      ends.push(() => graph.close())
      const { child, url } = await started(server, account(graph.url))
      const webhook = `${url}/webhooks/whatsapp`
      const body = escaped(aPost(aChange({ messages: [messages.text('m1', 'Olá 🙂', MEMBER)] })))

      const unsigned = await patiently(child, () => fetch(webhook, { method: 'POST', body }))
      const headers = {
        'content-type': 'application/json',
        'x-hub-signature-256': signatureOf(body)
      }
      const signed = await fetch(webhook, { method: 'POST', headers, body })
      const [sent] = await graph.posted(1)
      const verified = await fetch(
        `${webhook}?hub.mode=subscribe&hub.verify_token=word&hub.challenge=42`
      )

      assert.equal(unsigned.status, 401)
      assert.equal(signed.status, 200)
      assert.deepEqual(sent, { to: MEMBER, text: 'A table for how many?' })
      assert.equal(await verified.text(), '42')
      assert.equal(await endedBy(child, 'SIGTERM'), 0)
    })

  it('first-bot/host goes on after a kill -9, and stops cleanly', async () => {
    const { child, port, url } = await started('first-bot/host')
    const session = await patiently(child, () => fetch(`${url}/session`))
    const cookie = session.headers.get('set-cookie')?.split(';', 1)[0] ?? ''
    const first = await visitor(url, cookie)

    first.say('m1', 'hi')
    const asked = await first.reply(1)
    first.say('m2', '4')
    const offered = await first.reply(2)
    await endedBy(child, 'SIGKILL')
    const again = await started('first-bot/host', {}, port)
    await patiently(again.child, () => fetch(url))
    const second = await visitor(url, cookie)
    second.choose('m3', offered['instance'], 'Friday')
    const booked = await second.replySaying(/^A table for 4 on Friday/)

    assert.equal(asked['text'], 'A table for how many?')
    assert.equal(offered['text'], 'On which day? Please tap one.')
    assert.equal(booked['kind'], 'text')
    assert.equal(await endedBy(again.child, 'SIGTERM'), 0)
  })
})

function account(graph: string): Record<string, string> {
  return {
    WHATSAPP_APP_SECRET: APP_SECRET,
    WHATSAPP_VERIFY_TOKEN: 'word',
    WHATSAPP_ACCESS_TOKEN: 'token',
    WHATSAPP_PHONE_NUMBER_ID: PHONE_NUMBER_ID,
    WHATSAPP_API_URL: graph
  }
}

interface Sent {
  readonly to: string
  readonly text: string
}

/** Plays the Graph API: takes every message and says who got which text. */
async function graphStandIn() {
  const sent: Sent[] = []
  const waiting: (() => void)[] = []
  const server = await listening((req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      const { to, text } = JSON.parse(Buffer.concat(chunks).toString()) as {
        readonly to: string
        readonly text: { readonly body: string }
      }
      sent.push({ to, text: text.body })
      res.end(JSON.stringify({ messages: [{ id: `wamid.${sent.length}` }] }))
      for (const wake of waiting.splice(0)) wake()
    })
  })
  const posted = async (count: number): Promise<readonly Sent[]> => {
    while (sent.length < count) await new Promise<void>(resolve => waiting.push(resolve))
    return sent
  }
  return { url: server.url, close: () => server.close(), posted }
}

type Frame = Readonly<Record<string, unknown>>

/** A page of the web chat: says things, acknowledges replies and waits for them. */
async function visitor(url: string, cookie: string) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/socket`, {
    headers: { cookie, origin: url }
  })
  const replies: Frame[] = []
  const waiting: (() => void)[] = []
  socket.on('message', (data: Buffer) => {
    const frame = JSON.parse(data.toString()) as Frame
    if (frame['kind'] !== 'reply') return
    socket.send(JSON.stringify({ kind: 'received', key: frame['key'] }))
    replies.push(frame['reply'] as Frame)
    for (const wake of waiting.splice(0)) wake()
  })
  await once(socket, 'open')
  const found = async (find: () => Frame | undefined): Promise<Frame> => {
    for (let reply = find(); ; reply = find()) {
      if (reply !== undefined) return reply
      await new Promise<void>(resolve => waiting.push(resolve))
    }
  }
  return {
    say: (id: string, text: string) => socket.send(JSON.stringify({ kind: 'say', id, text })),
    choose: (id: string, instance: unknown, option: string) =>
      socket.send(JSON.stringify({ kind: 'choose', id, instance, option })),
    reply: (count: number) => found(() => replies[count - 1]),
    replySaying: (words: RegExp) =>
      found(() => replies.find(({ text }) => words.test(String(text))))
  }
}

async function freePort(): Promise<number> {
  const server = await listening(() => undefined)
  await server.close()
  return server.port
}

/** Asks again until the process listens; fails when it has ended instead. */
async function patiently<T>(child: ChildProcess, ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (child.exitCode !== null || child.signalCode !== null) throw error
      await new Promise(resolve => setTimeout(resolve, 20))
    }
  }
}

async function endedBy(child: ChildProcess, signal: NodeJS.Signals): Promise<unknown> {
  const ended = once(child, 'exit')
  child.kill(signal)
  const [code] = (await ended) as [unknown]
  return code
}
