import assert from 'node:assert/strict'
import * as t from 'io-ts'
import type { Outgoing } from '../../lib/channel/channel.ts'
import { defineBot, defineFlow, end, rest, tell, text } from '../../lib/flow/index.ts'
import { aWorld, type Process } from '../support/a-world.ts'

const bot = defineBot({
  name: 'news',
  flows: [defineFlow({ name: 'home', start: 'idle' }, { idle: rest({ next: end(text('ok')) }) })],
  start: 'home',
  on: {
    news: tell({
      data: t.strict({ no: t.number }),
      say: ({ no }) => text('news', { no }),
      closed: ({ no }) => ({ name: 'news', language: 'en', parameters: [String(no)] })
    })
  },
  texts: { en: { ok: 'ok', news: 'news {no}' } }
})

function offersOf({ channel }: Process): Outgoing[] {
  const offered: Outgoing[] = []
  channel.answer = outgoing => {
    offered.push(outgoing)
    return { tag: 'sent', providerId: null }
  }
  return offered
}

describe('a reply on its way out', () => {
  it('bears how long its member has been silent, and the template for a long silence', async () => {
    const world = aWorld()
    const process = await world.start({ bot, limits: { sweepEveryMs: 3_600_000 } })
    const offered = offersOf(process)
    await process.say('m1')
    await world.settle()
    await world.pass(90_000_000)

    await process.chat().tell({ id: 't1', event: 'news', data: { no: 7 } })
    await world.settle()

    const [first, last] = [offered[0], offered.at(-1)]
    assert.ok(typeof first?.heardAgoMs === 'number' && first.heardAgoMs < 1_000)
    assert.ok(typeof last?.heardAgoMs === 'number' && last.heardAgoMs >= 90_000_000)
    const closed = { name: 'news', language: 'en', parameters: ['7'] }
    assert.deepEqual(last.reply, { kind: 'text', text: 'news 7', closed })
  })
})
