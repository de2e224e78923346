import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { ConversationRecord } from '../../../lib/conversation/record.ts'
import { Secret } from '../../../lib/kernel/secret.ts'
import { smallBot } from '../small-bot.ts'
import { Talk } from '../talk.ts'

const alice = {
  token: Secret.of('tok-1'),
  member: { memberId: 'm', tier: 1 },
  cache: { balance: '5' }
}

/** Half-way through a payment, a refused answer behind it and a payment of before still open. */
const midway = () => {
  const talk = new Talk(smallBot)
  talk.say('hello')
  talk.answer('found', alice)
  talk.tap('pay')
  talk.say('5')
  talk.say('no handle')
  const paying = {
    key: 'pay/old',
    name: 'pay',
    origin: 'old',
    cause: 'm0',
    effect: true,
    attached: false,
    openedAtMs: talk.nowMs
  }
  const [session] = talk.state.timers
  assert.ok(session)
  talk.state = { ...talk.state, calls: [paying] }
  return talk
}

type Row = (record: ConversationRecord) => unknown
const rows: Readonly<Record<string, Row>> = {
  'address, locale': ({ core }) => [core.channel, core.locale],
  'open calls': ({ calls }) => calls.filter(({ key }) => key === 'pay/old'),
  'member, account': ({ core }) => [core.member, core.account],
  token: ({ core }) => core.token?.value.reveal(),
  cache: ({ core }) => core.cache,
  'flow, step, data, prompt': ({ flow: { flow, step, data, prompt } }) => [
    flow,
    step,
    data,
    prompt?.instance
  ],
  attempts: ({ flow }) => flow.validation.attempts
}
const none: Readonly<Record<string, unknown>> = {
  'member, account': [null, null],
  token: undefined,
  cache: null,
  attempts: 0
}

const happenings: Readonly<Record<string, (talk: ReturnType<typeof midway>) => unknown>> = {
  'a command, the menu': talk => talk.say('menu'),
  'reset, after a failure': talk => {
    const event = talk.inbound('boom')
    return talk.commit(talk.program.reset(talk.state, event, talk.at()), event)
  },
  'session expiry': talk => talk.due(),
  'refused token': talk => {
    talk.say('bob')
    const { state } = talk
    return talk.settle(
      { tag: 'unreachable', known: 'not-done' },
      Secret.of('tok-2'),
      state.calls.at(-1)?.key
    )
  },
  restart: talk => {
    const kept = { ...talk.state, core: { ...talk.state.core, token: null } }
    const { core } = JSON.parse(JSON.stringify(kept)) as typeof kept
    talk.state = { ...talk.state, core: { ...core, token: talk.state.core.token } }
  }
}

describe('what survives what', () => {
  const table = tableOf('docs/flows.md', '| | a command, the menu |')

  it('is one table, which names every happening', () => {
    assert.deepEqual(table.columns, Object.keys(happenings))
    for (const row of Object.keys(rows)) assert.ok(table.rows.has(row), row)
  })

  for (const [column, happens] of Object.entries(happenings))
    for (const [row, read] of Object.entries(rows))
      it(`${column}: ${row}`, () => {
        const talk = midway()
        const before = read(talk.state)
        const word = table.rows.get(row)?.[table.columns.indexOf(column)]?.split(',')[0]

        happens(talk)

        const now = read(talk.state)
        if (word === 'kept') assert.deepEqual(now, before)
        else if (word === 'renewed') assert.equal(now, 'tok-2')
        else {
          assert.equal(word, 'dropped')
          assert.notDeepEqual(now, before)
          if (Object.hasOwn(none, row)) assert.deepEqual(now, none[row])
          else assert.deepEqual(talk.state.flow.data, {})
        }
      })

  it('names the fields that a command, a reset and an expiry dropped, and leaves no timer', () => {
    for (const [column, why] of [
      ['a command, the menu', 'command'],
      ['reset, after a failure', 'reset'],
      ['session expiry', 'expiry']
    ] as const) {
      const talk = midway()

      happenings[column]?.(talk)

      const dropped = talk.audit.filter(note => note.kind === 'dropped')
      assert.ok(dropped.every(note => note.why === why))
      const expected =
        why === 'expiry' ? ['member', 'account', 'token', 'cache', 'amount'] : ['amount']
      assert.deepEqual(
        dropped.flatMap(({ fields }) => fields),
        expected
      )
      assert.doesNotMatch(JSON.stringify(talk.audit), /tok-1|"5"/)
      const timers = talk.state.timers.map(({ id }) => id)
      assert.deepEqual(timers, why === 'expiry' ? [] : ['session'])
      assert.deepEqual(why === 'expiry' ? talk.replies : [], [])
    }
  })
})

function tableOf(path: string, head: string) {
  const lines = readFileSync(path, 'utf8').split('\n')
  const begin = lines.findIndex(line => line.startsWith(head))
  const end = lines.findIndex((line, at) => at > begin && line === '')
  const cells = (line: string): string[] =>
    line
      .split('|')
      .slice(1, -1)
      .map(cell => cell.trim())
  const [, ...columns] = cells(lines[begin] ?? '')
  const body = lines.slice(begin + 2, end).map(line => cells(line))
  return { columns, rows: new Map(body.map(([name = '', ...words]) => [name, words])) }
}
