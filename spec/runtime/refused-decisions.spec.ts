import assert from 'node:assert/strict'
import * as t from 'io-ts'
import type { Decision } from '../../lib/conversation/decision.ts'
import type { ConversationRecord } from '../../lib/conversation/record.ts'
import { Secret } from '../../lib/kernel/secret.ts'
import { aCall } from '../support/a-call.ts'
import { aWorld } from '../support/a-world.ts'
import { chainProgram, foldOf } from '../support/chain-program.ts'

type Made = (state: ConversationRecord) => unknown

const withData = (data: object): Made => {
  return state => ({
    tag: 'commit',
    next: { ...state, flow: { ...state.flow, data } },
    replies: [],
    call: null,
    audit: []
  })
}
const withReplies = (replies: readonly unknown[]): Made => {
  return state => ({ tag: 'commit', next: state, replies, call: null, audit: [] })
}
const withCall = (call: object): Made => {
  return state => ({ tag: 'commit', next: state, replies: [], call, audit: [] })
}
const open = { key: 'k', name: 'n', origin: 'o', cause: 'c', effect: true, openedAtMs: 1 }
const circle: Record<string, unknown> = {}
circle['self'] = circle

const refused: readonly (readonly [string, string, Made])[] = [
  ['a number that is none', 'CHP_DECISION_INVALID', withData({ n: Number.NaN })],
  ['a big integer', 'CHP_DECISION_INVALID', withData({ n: 1n })],
  ['a date', 'CHP_DECISION_INVALID', withData({ at: new Date(0) })],
  ['a map', 'CHP_DECISION_INVALID', withData({ m: new Map() })],
  ['data that holds itself', 'CHP_DECISION_INVALID', withData(circle)],
  ['a secret outside the core', 'CHP_DECISION_INVALID', withData({ s: Secret.of('x') })],
  [
    'a flow this build does not know',
    'CHP_DECISION_INVALID',
    state => ({
      tag: 'commit',
      next: { ...state, flow: { ...state.flow, flow: 'OTHER' } },
      replies: [],
      call: null,
      audit: []
    })
  ],
  [
    'no record at all',
    'CHP_DECIDE_THREW',
    () => ({
      tag: 'commit',
      next: {},
      replies: [],
      call: null,
      audit: []
    })
  ],
  [
    'two attached calls',
    'CHP_DECISION_INVALID',
    state => ({
      tag: 'commit',
      next: {
        ...state,
        calls: [
          { ...open, attached: true },
          { ...open, key: 'l', attached: true }
        ]
      },
      replies: [],
      call: null,
      audit: []
    })
  ],
  [
    'five open calls',
    'CHP_DECISION_INVALID',
    state => ({
      tag: 'commit',
      next: {
        ...state,
        calls: ['a', 'b', 'c', 'd', 'e'].map(key => ({ ...open, key, attached: false }))
      },
      replies: [],
      call: null,
      audit: []
    })
  ],
  [
    'a call nobody declared',
    'CHP_DECISION_INVALID',
    withCall({
      name: 'pay',
      input: {},
      origin: 'o',
      effect: true
    })
  ],
  [
    'a call whose input holds a secret',
    'CHP_DECISION_INVALID',
    withCall({ name: 'look', input: { token: Secret.of('x') }, origin: 'o', effect: false })
  ],
  [
    'a call whose input its codec refuses',
    'CHP_DECISION_INVALID',
    withCall({ name: 'look', input: 7, origin: 'o', effect: false })
  ],
  ['a reply that is none', 'CHP_REPLY_UNFIT', withReplies([{ kind: 'text' }])],
  [
    'a reply its channel can never send',
    'CHP_REPLY_UNFIT',
    withReplies([{ kind: 'text', text: 'unfit' }])
  ],
  [
    'a reply of a megabyte',
    'CHP_REPLY_UNFIT',
    withReplies([{ kind: 'text', text: 'x'.repeat(1_000_000) }])
  ],
  [
    'ten thousand replies',
    'CHP_DECISION_INVALID',
    withReplies(Array.from({ length: 10_000 }, () => ({ kind: 'text', text: 'x' })))
  ],
  ['a promise', 'CHP_DECISION_INVALID', state => Promise.resolve(withReplies([])(state))],
  ['nothing', 'CHP_DECISION_INVALID', () => null],
  [
    'to wait although no call is open',
    'CHP_DECISION_INVALID',
    () => ({
      tag: 'defer',
      why: 'call',
      progress: null
    })
  ],
  ['a state above the bound', 'CHP_RECORD_OVERSIZE', withData({ pad: 'x'.repeat(70_000) })]
]

describe('a bot that decides', () => {
  for (const [what, code, made] of refused)
    it(`${what} is refused before anything is written: ${code}, reset and parked`, async () => {
      const world = aWorld()
      const input: t.Type<unknown> = t.UnknownRecord as never
      const bot = chainProgram({
        calls: { look: aCall('look', { input }).definition },
        hook: (state, { id }) => (id === 'bad' ? (made(state) as Decision) : undefined)
      })
      const process = await world.start({ bot })
      await process.say('m0')

      const receipt = process.say('bad')
      await world.settle()

      assert.equal((await receipt).tag, 'parked')
      const [row] = await world.model.parked(process.chat().id)
      assert.equal((JSON.parse(row ?? '{}') as { code: string }).code, code)
      assert.equal((await process.say('m1')).tag, 'committed')
      const { data } = (await process.chat().inspect()) ?? {}
      assert.equal(data?.['chain'], foldOf(['reset bad', 'm1']))
    })

  it('a field of undefined, a lone surrogate and odd names keeps what JSON can keep', async () => {
    const world = aWorld()
    const data = { count: 1, chain: 'c', gone: undefined, odd: '\ud800', '': 'empty', 'a.b': [] }
    const bot = chainProgram({
      hook: (state, { id }) => (id === 'm0' ? (withData(data)(state) as Decision) : undefined)
    })
    const first = await world.start({ bot, instance: 'one' })
    assert.equal((await first.say('m0')).tag, 'committed')
    first.kill()

    const second = await world.start({ bot, instance: 'one' })
    await second.say('m1', 'silent')

    const { data: kept } = (await second.chat().inspect()) ?? {}
    assert.equal(kept?.['odd'], '\ud800')
    assert.equal(kept?.[''], 'empty')
    assert.equal(Object.hasOwn(kept ?? {}, 'gone'), false)
  })
})
