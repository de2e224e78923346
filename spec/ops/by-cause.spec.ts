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
import { type Operator, openOperator, operatorOf } from '../../lib/ops/operator.ts'
import type { ParkedEvent } from '../../lib/ops/parked-events.ts'
import type { AlarmNotice } from '../../lib/runtime/alarms.ts'
import type { Policy } from '../../lib/supervision/policy.ts'
import { aWorld, type Process, until, type World } from '../support/a-world.ts'
import { chainProgram, foldOf } from '../support/chain-program.ts'
import { eventually } from '../support/eventually.ts'

const BY = { by: 'eve', reason: 'mended' } as const
const PARKS = { rules: [{ do: 'park' }] } as const
const HOLDS = { rules: [{ do: 'hold' }], texts: { hold: { en: 'wait' } } } as const

describe('what was parked', () => {
  it('is listed with its context, and holds no words of a member', async () => {
    const { ask, process } = await broken(PARKS, ['u1'])
    const [event, ...more] = listed(await ask(ops => ops.parkedEvents(idOf(process, 'u1'))))
    assert.deepEqual(more, [])
    const { id, code, where, attempts, state, build, version } = event!
    assert.deepEqual(
      [id, code, where, attempts, state, build, version],
      ['bad', 'CHP_DECIDE_THREW', 'CHAIN.link', 1, 'open', 'chain/1', 1]
    )
    assert.match(event?.message ?? '', /^TypeError at /)
    assert.ok((event?.stack.length ?? 0) > 0)
    assert.equal(JSON.stringify(event).includes('4111'), false)
  })

  it('is run again once, behind what came meanwhile', async () => {
    const { ask, process, mend } = await broken(PARKS, ['u1'])
    const who = idOf(process, 'u1')
    const [event] = listed(await ask(ops => ops.parkedEvents(who)))
    mend()
    const again = (): Promise<{ tag: string }> => ask(ops => ops.redrive(who, event!.key, BY))

    assert.equal((await again()).tag, 'redriven')
    assert.equal((await again()).tag, 'redriven')

    assert.equal(await chainOf(process, 'u1'), foldOf(['m0', 'm1', 'bad']))
    const [after] = listed(await ask(ops => ops.parkedEvents(who)))
    assert.equal(after?.state, 'redriven')
    const page = await ask(ops => ops.history(who))
    const notes = page.tag === 'history' ? page.lines.flatMap(line => line.notes) : []
    assert.deepEqual(
      notes.filter(({ kind }) => kind === 'redriven'),
      [{ kind: 'redriven', parked: event?.key, ...BY }]
    )
  })

  it('is parked anew when it fails again', async () => {
    const { ask, process } = await broken(PARKS, ['u1'])
    const who = idOf(process, 'u1')
    const [event] = listed(await ask(ops => ops.parkedEvents(who)))
    await ask(ops => ops.redrive(who, event!.key, BY))
    const states = listed(await ask(ops => ops.parkedEvents(who))).map(({ state }) => state)
    assert.deepEqual(states, ['redriven', 'open'])
  })

  it('is given up for good with a reason, and then not run again', async () => {
    const { ask, process, mend } = await broken(PARKS, ['u1'])
    const who = idOf(process, 'u1')
    const [event] = listed(await ask(ops => ops.parkedEvents(who)))
    assert.equal((await ask(ops => ops.discard(who, event!.key, BY))).tag, 'discarded')
    mend()
    const { tag, count } = await ask(ops => ops.redriveAll({}, BY))
    assert.deepEqual([tag, count], ['done', 0])
    assert.equal(await chainOf(process, 'u1'), foldOf(['m0', 'm1']))
    assert.deepEqual(await ask(ops => ops.causes()), [])
    await assert.rejects(ask(ops => ops.discard(who, event!.key, { by: 'eve', reason: '' })))
    const gone = await ask(ops => ops.redrive(who, 'nothing@1', BY))
    assert.ok(gone.tag === 'refused' && gone.code === 'CHP_PARKED_REFUSED')
  })

  it('is run again by cause: one first, and the others only when that went well', async () => {
    const users = ['u1', 'u2', 'u3', 'u4']
    const { ask, process, mend } = await broken(PARKS, users)
    const [group, ...more] = await ask(ops => ops.causes())
    assert.deepEqual([group?.parked, group?.held, more.length], [4, 0, 0])
    const { cause } = group!

    const stopped = await ask(ops => ops.redriveAll({ cause }, BY))
    assert.deepEqual([stopped.tag, stopped.count], ['stopped', 1])
    for (const user of users) assert.equal(await chainOf(process, user), foldOf(['m0', 'm1']))

    mend()
    const done = await ask(ops => ops.redriveAll({ cause }, BY))
    assert.deepEqual([done.tag, done.count, done.refused], ['done', 4, []])
    for (const user of users) {
      assert.equal(await chainOf(process, user), foldOf(['m0', 'm1', 'bad']))
    }
  })

  it('does not keep others from being run when nobody can open it', async () => {
    const { world, ask, process, mend } = await broken(PARKS, ['u1', 'u2', 'u3'])
    mend()
    const [first, second, third] = ['u1', 'u2', 'u3'].map(user => idOf(process, user))
    for (const id of [first!, third!]) await garbled(world, id)

    const done = await ask(ops => ops.redriveAll({}, BY))

    assert.deepEqual([done.tag, done.count, done.canary], ['done', 1, second])
    assert.deepEqual(
      done.refused.map(({ conversation }) => conversation),
      [first, third]
    )
    assert.match(done.refused[0]?.why ?? '', /^No seal key/)
    assert.equal(await chainOf(process, 'u2'), foldOf(['m0', 'm1', 'bad']))
    await assert.rejects(
      ask(ops => ops.redriveAll({}, { by: 'eve', reason: '' })),
      /CHP_INPUT/
    )
  })

  it('is run again from a process beside, by the one that serves', async () => {
    const { world, process, mend } = await broken(PARKS, ['u1', 'u2'])
    mend()
    const ops = await openOperator({ bot: chainProgram(), store: world.model, clock: world.clock })
    const done = await until(world.clock, ops.redriveAll({}, BY))
    await world.pass(3_000)
    assert.deepEqual([done.tag, done.count], ['done', 2])
    assert.equal(await chainOf(process, 'u2'), foldOf(['m0', 'm1', 'bad']))
    await until(world.clock, ops.close())
  })
})

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
    const why = 'A timer, a command or how a call ended is not run again: discard it.'
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
    const { world, process, ask, mend } = await broken({ ...HOLDS, alarm }, users)
    await world.pass(60_000)
    await eventually(async () => posts.length > 0)

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
    const { ask, process } = await broken(PARKS, ['u1', 'u2'])
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

function listed(events: readonly ParkedEvent[] | { readonly tag: string }): readonly ParkedEvent[] {
  assert.ok(Array.isArray(events))
  return events as readonly ParkedEvent[]
}

function idOf(process: Process, user: string): string {
  return process.chat(user).id
}

async function chainOf(process: Process, user: string): Promise<unknown> {
  return (await process.chat(user).inspect())?.data['chain']
}

async function garbled({ model }: World, conversation: string): Promise<void> {
  const { fence, parked } = await model.export(conversation)
  const rows = parked.map(text => JSON.stringify({ ...JSON.parse(text), sealed: 'cut' }))
  const others = { slots: [], calls: [], inbox: [], history: [] }
  assert.equal(await model.rewrite(conversation, fence!, { ...others, parked: rows }), 'done')
}

interface Broken {
  readonly world: World
  readonly process: Process
  readonly mend: () => void
  readonly ask: <T>(what: (ops: Operator) => Promise<T>) => Promise<T>
}

/** Conversations that each took `m0`, failed on `bad`, and heard `m1` behind it. */
async function broken(policy: Partial<Policy>, users: readonly string[]): Promise<Broken> {
  let isIll = true
  const bot = chainProgram({
    hook: (_state, { id }) => {
      if (isIll && id === 'bad') throw new TypeError('words of a member: 4111')
      return undefined
    }
  })
  const world = aWorld()
  const process = await world.start({ bot, policy })
  for (const id of ['m0', 'bad', 'm1']) {
    for (const user of users) void process.say(id, 'words of a member: 4111', user)
    await world.settle()
  }
  const mend = (): void => {
    isIll = false
  }
  const ask: Broken['ask'] = async what => {
    const answer = await until(world.clock, what(operatorOf(process.runtime)))
    await world.settle()
    return answer
  }
  return { world, process, mend, ask }
}
