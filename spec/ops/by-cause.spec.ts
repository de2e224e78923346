import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as t from 'io-ts'
import {
  accept,
  ask,
  defineBot,
  defineFlow,
  end,
  remindAt,
  tell,
  text
} from '../../lib/flow/index.ts'
import { operatorOf } from '../../lib/ops/operator.ts'
import type { AlarmNotice, SendAlarm } from '../../lib/runtime/alarms.ts'
import { postAlarm } from '../../lib/runtime/post-alarm.ts'
import { aWorld, until } from '../support/a-world.ts'
import { BY, brokenCrowd, chainOf, idOf, PARKS } from '../support/broken-crowd.ts'
import { foldOf } from '../support/chain-program.ts'

const HOLDS = { rules: [{ do: 'hold' }], texts: { hold: { en: 'wait' } } } as const

describe('what can never be run again', () => {
  it('is refused, and the first that can be run goes alone', async () => {
    const say = (): never => assert.fail('it is broken')
    const shop = defineFlow(
      { name: 'shop', data: t.partial({ wish: t.string }), start: 'wish' },
      {
        wish: ask({
          fields: ['wish'],
          prompt: text('wish'),
          read: wish => (isIll && wish === 'bad' ? assert.fail('broken') : accept({ wish })),
          next: ({ nowMs }) => [remindAt({ id: 'r', atMs: nowMs + 5_000, event: 'rem' }), end()]
        })
      }
    )
    const bot = defineBot({
      name: 'shop',
      flows: [shop],
      start: 'shop',
      on: { rem: tell({ data: t.null, say }) },
      texts: { en: { wish: 'What?' } }
    })
    let isIll = true
    const world = aWorld()
    const process = await world.start({ bot, policy: PARKS })
    for (const [id, words] of Object.entries({ m0: 'hi', m1: 'a toy' })) {
      await until(world.clock, process.say(id, words, 'u1'))
    }
    await world.pass(20_000)
    for (const id of ['m0', 'bad']) await until(world.clock, process.say(id, id, 'u2'))
    isIll = false

    const all = operatorOf(process.runtime).redriveAll({}, BY)
    const { tag, count, canary, refused } = await until(world.clock, all)

    assert.deepEqual([tag, count, canary], ['done', 1, idOf(process, 'u2')])
    const why =
      'A timer, a command, how a call ended or a damaged row is not run again: discard it.'
    assert.deepEqual(refused, [{ conversation: idOf(process, 'u1'), why }])
  })
})

describe('500 conversations that one bug has broken', function () {
  this.timeout(60_000)
  let server: Server
  const posts: AlarmNotice[] = []
  before(async () => {
    server = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString()
      })
      request.on('end', () => {
        posts.push(JSON.parse(body) as AlarmNotice)
        response.end()
      })
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
  })
  after(() => server.close())

  it('are held, raise one alarm, and finish all in order after the fix', async () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const users = Array.from({ length: 500 }, (_, index) => `u${index}`)
    const alarm = { url, gatherMs: 5_000, repeatMs: 3_600_000 }
    // What the listener answers takes real time, of which the world knows nothing: it is awaited.
    const posted: Promise<void>[] = []
    const sendAlarm: SendAlarm = async (to, notice) => {
      posted.push(postAlarm(to, notice, AbortSignal.timeout(20_000)))
    }
    const policy = { ...HOLDS, alarm }
    const { world, process, ask, mend } = await brokenCrowd(policy, users, { sendAlarm })
    await world.pass(60_000)
    await Promise.all(posted)

    const [notice, ...more] = posts
    assert.deepEqual(more, [])
    assert.deepEqual([notice?.count, notice?.conversations.length], [500, 500])
    assert.equal(notice?.code, 'CHP_DECIDE_THREW')
    assert.equal(JSON.stringify([notice, process.log]).includes('4111'), false)
    assert.equal(process.heard.filter(({ name }) => name === 'alarm').length, 1)
    const [group] = await ask(ops => ops.causes())
    assert.deepEqual([group?.cause, group?.held, group?.parked], [notice?.cause, 500, 0])

    const stopped = await ask(ops => ops.resumeAll({ cause: group!.cause }, BY))
    assert.deepEqual([stopped.tag, stopped.count], ['stopped', 1])
    mend()
    const done = await ask(ops => ops.resumeAll({ cause: group!.cause }, BY))
    await world.settle()

    assert.deepEqual([done.tag, done.count, done.refused], ['done', 500, []])
    assert.deepEqual((await ask(ops => ops.held())).ids, [])
    for (const user of users) {
      assert.equal(await chainOf(process, user), foldOf(['m0', 'bad', 'm1']))
    }
    assert.equal(process.channel.texts().filter(text => text === 'wait').length, 500)
  })

  it('can be held on purpose, by cause or all, and let go on', async () => {
    const { ask, process } = await brokenCrowd(PARKS, ['u1', 'u2'])
    await process.say('m0', 'hi', 'u3')
    const [group] = await ask(ops => ops.causes())
    const some = await ask(ops => ops.holdAll({ cause: group!.cause }, BY))
    assert.deepEqual([some.tag, some.count], ['done', 2])
    const all = await ask(ops => ops.holdAll({}, BY))
    assert.equal(all.count, 1)
    assert.equal((await ask(ops => ops.resumeAll({}, BY))).count, 3)
    assert.deepEqual((await ask(ops => ops.held())).ids, [])
  })
})
