import assert from 'node:assert/strict'
import { MountedLog } from '../../lib/channel/mounted-log.ts'
import { webchat } from '../../lib/channel/webchat/webchat.ts'
import { whatsapp } from '../../lib/channel/whatsapp/whatsapp.ts'
import { recordingHost, recordingLog } from './recording-host.ts'
import { outgoing } from './webchat/a-visitor.ts'
import { settings } from './whatsapp/a-webhook.ts'

const LEVELS = ['debug', 'info', 'warn', 'error'] as const

describe('the log of a channel', () => {
  it('says nothing before the channel is mounted, then writes where its host does', () => {
    const host = recordingLog()
    const log = new MountedLog(undefined)
    log.warn({ event: 'early' })
    log.mounted({ log: host })

    for (const level of LEVELS) log[level]({ event: 'e' }, 'm')

    assert.deepEqual(
      host.lines,
      LEVELS.map(level => JSON.stringify({ level, event: 'e', message: 'm' }))
    )
  })

  it('stays its own where it was given one', () => {
    const own = recordingLog()
    const host = recordingLog()
    const log = new MountedLog(own)
    log.mounted({ log: host })

    log.warn({ event: 'e' }, 'm')

    assert.deepEqual([own.lines.length, host.lines.length], [1, 0])
  })

  it('of WhatsApp tells the host of wrong signatures and of an expired token', async () => {
    const log = recordingLog()
    const expired = () =>
      Promise.resolve(Response.json({ error: { message: 'm', code: 190 } }, { status: 401 }))
    const channel = whatsapp({ ...settings, fetch: expired })
    const door = channel.mount({ ...recordingHost(), log })

    const answer = await door.fetch(new Request('http://h/', { method: 'POST', body: '{}' }))
    const reply = { kind: 'text' as const, text: 'hi' }
    const sent = await channel.send(outgoing('4711', reply, 'k'), new AbortController().signal)

    assert.equal(answer.status, 401)
    assert.equal(sent.tag === 'later' && sent.alarm, true)
    assert.equal(log.lines.filter(line => line.includes('whatsapp.unsigned')).length, 1)
    assert.equal(log.lines.filter(line => line.includes('whatsapp.unsent')).length, 1)
    assert.ok(log.lines.every(line => !line.includes('4711')))
  })

  it('of the web chat is that of its host, too', () => {
    const log = recordingLog()
    const door = webchat({}).mount({ ...recordingHost(), log })
    const socket = { on: () => undefined, end: () => undefined, once: () => undefined }
    const request = { headers: {}, url: '/', method: 'GET' }

    door.upgrade(request as never, socket as never, Buffer.alloc(0))

    assert.equal(log.lines.filter(line => line.includes('webchat.refused')).length, 1)
  })
})
