import assert from 'node:assert/strict'
import { request as httpRequest } from 'node:http'
import { connect, type Socket } from 'node:net'
import {
  BODY_BYTES_MAX,
  BODY_WITHIN_MS,
  HELD_BYTES_MAX,
  HeldBytes,
  readWebBody
} from '../../../lib/channel/whatsapp/raw-body.ts'
import { silentLog } from '../../../lib/kernel/log.ts'
import { HandClock } from '../hand-clock.ts'
import { type Listening, listening } from '../listening.ts'
import { type RecordingHost, recordingHost } from '../recording-host.ts'
import { aChange, aPost, escaped, messages, signatureOf } from './a-post.ts'
import { aDoor, answerOf, rawPost, signedPost } from './a-webhook.ts'

const json = aPost(aChange({ messages: [messages.text()] }))

/** A rightly signed post of exactly so many bytes. */
function postOf(bytes: number): RequestInit {
  const raw = escaped(json)
  return rawPost(Buffer.concat([raw, Buffer.alloc(bytes - raw.length, ' ')]))
}

describe('the body of a webhook post, over a real server', () => {
  let server: Listening
  let host: RecordingHost

  let clock: HandClock

  beforeEach(async () => {
    host = recordingHost()
    clock = new HandClock()
    server = await listening(aDoor(host, { clock }).node)
  })
  afterEach(() => server.close())

  it('may have 3 MB', async () => {
    const { status } = await answerOf(server.url, postOf(BODY_BYTES_MAX))

    assert.equal(status, 200)
    assert.equal(host.heard.length, 1)
  })

  it('is refused with 413 at 3 MB and one byte, and nothing of it is heard', async () => {
    const { status } = await answerOf(server.url, postOf(BODY_BYTES_MAX + 1))

    assert.equal(status, 413)
    assert.deepEqual(host.heard, [])
  })

  it('is refused with 413 by the length it announces, before it comes', async () => {
    const socket = connect(server.port, '127.0.0.1')
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n')

    assert.match(await firstOf(socket), /^HTTP\/1\.1 413 /)
    socket.destroy()
  })

  it('is refused with 413 when chunks never end, and the sender is cut off', async () => {
    const socket = connect(server.port, '127.0.0.1')
    const sender = endless(socket)

    assert.match(await firstOf(socket), /^HTTP\/1\.1 413 /)
    clock.advance(1_000)
    await closed(socket)
    sender.stop()
    assert.ok(sender.bytes() < 64 * 1024 * 1024)
    assert.equal((await answerOf(server.url, signedPost(json))).status, 200)
  })

  it('may come in many small pieces', async () => {
    const raw = escaped(json)
    const headers = { 'x-hub-signature-256': signatureOf(raw), 'transfer-encoding': 'chunked' }
    const request = httpRequest(server.url, { method: 'POST', headers })
    const status = new Promise(resolve =>
      request.on('response', response => resolve(response.resume().statusCode))
    )

    for (const byte of raw) request.write(Buffer.of(byte))
    request.end()

    assert.equal(await status, 200)
  })

  it('that is broken off is nobody to answer; the server goes on', async () => {
    const socket = connect(server.port, '127.0.0.1')
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\nhalf')
    socket.end()
    await closed(socket.resume())

    assert.equal((await answerOf(server.url, signedPost(json))).status, 200)
    assert.equal(host.heard.length, 1)
  })
})

describe('a body that drips', () => {
  it('is answered 408 when its time is over, and its timer is gone', async () => {
    const clock = new HandClock()
    const server = await listening(aDoor(recordingHost(), { clock }).node)
    const socket = connect(server.port, '127.0.0.1')
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\ndrip')
    while (clock.timers === 0) await new Promise(setImmediate)

    clock.advance(BODY_WITHIN_MS)

    assert.match(await firstOf(socket), /^HTTP\/1\.1 408 /)
    clock.advance(BODY_WITHIN_MS)
    await closed(socket)
    await server.close()
    assert.equal(clock.timers, 0)
  })
})

describe('the body of a web Request', () => {
  const door = (host = recordingHost(), clock = new HandClock()) => aDoor(host, { clock })

  it('is read and answered', async () => {
    const host = recordingHost()

    const response = await door(host).fetch(new Request('http://bot/', signedPost(json)))

    assert.equal(response.status, 200)
    assert.equal(host.heard.length, 1)
  })

  it('is refused with 413 over 3 MB, announced or endless', async () => {
    const announced = new Request('http://bot/', postOf(BODY_BYTES_MAX + 1))
    const zeros = new ReadableStream({ pull: to => to.enqueue(new Uint8Array(65_536)) })
    const endless = new Request('http://bot/', { method: 'POST', body: zeros, duplex: 'half' })

    assert.equal((await door().fetch(announced)).status, 413)
    assert.equal((await door().fetch(endless)).status, 413)
  })

  it('is answered 408 when it drips', async () => {
    const clock = new HandClock()
    const silent = new ReadableStream({ pull: () => new Promise(() => undefined) })
    const dripping = new Request('http://bot/', { method: 'POST', body: silent, duplex: 'half' })

    const answer = door(recordingHost(), clock).fetch(dripping)
    while (clock.timers === 0) await new Promise(setImmediate)
    clock.advance(BODY_WITHIN_MS)

    assert.equal((await answer).status, 408)
  })

  it('that someone read before is named as parsed', async () => {
    const request = new Request('http://bot/', signedPost(json))
    await request.text()

    const response = await door().fetch(request)

    assert.equal(response.status, 500)
    assert.match(await response.text(), /CHP_BODY_PARSED/)
  })

  it('is refused as busy while others fill the room for all, and taken afterwards', async () => {
    const held = new HeldBytes()
    const parts = { held, clock: new HandClock(), log: silentLog }
    const read = () => readWebBody(new Request('http://bot/', rawPost(Buffer.alloc(10))), parts)

    held.take(HELD_BYTES_MAX - 9)
    assert.equal((await read()).tag, 'busy')
    held.give(1)
    assert.equal((await read()).tag, 'bytes')
    assert.equal((await read()).tag, 'bytes')
  })

  it('may be absent', async () => {
    const response = await door().fetch(new Request('http://bot/', { method: 'POST' }))

    assert.equal(response.status, 401)
  })
})

function firstOf(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    socket.once('data', data => resolve(data.toString('latin1'))).once('error', reject)
  })
}

function closed(socket: Socket): Promise<void> {
  return new Promise(resolve => {
    socket.on('error', () => socket.destroy()).once('close', () => resolve())
  })
}

function endless(socket: Socket): { bytes(): number; stop(): void } {
  let stopped = false
  const chunk = Buffer.from(`10000\r\n${'x'.repeat(65_536)}\r\n`)
  const more = (): void => {
    if (!stopped && !socket.destroyed) socket.write(chunk, more)
  }
  socket.on('error', () => socket.destroy())
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n', more)
  return {
    bytes: () => socket.bytesWritten,
    stop: () => {
      stopped = true
    }
  }
}
