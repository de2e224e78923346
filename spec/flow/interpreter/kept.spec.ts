import assert from 'node:assert/strict'
import * as t from 'io-ts'
import {
  accept,
  attempt,
  branch,
  type Core,
  call,
  defineCall,
  defineFlow,
  end,
  type Flow,
  goto,
  say,
  text
} from '../../../lib/flow/index.ts'
import { Data, talkOf } from '../one-flow.ts'
import { Talk } from '../talk.ts'

type Plain = Core<never, never>

const resume = { prompt: text('again'), resume: text('more'), over: text('over') }
const asking = (prompt: string, next: unknown = end()): unknown => ({
  kind: 'ask',
  spec: { fields: ['a'], prompt: text(prompt), read: (a: string) => accept({ a }), next }
})
const flow = (name: string, steps: Readonly<Record<string, unknown>>, head: object = {}) => {
  const start = Object.keys(steps)[0]
  return defineFlow({ name, data: Data, start, ...head } as never, steps as never) as Flow<Plain>
}

/** A conversation with a menu that leads to the first of these flows. */
const menuOver = (...flows: readonly Flow<Plain>[]): Talk<Plain> =>
  talkOf([
    flow('menu', { pick: asking('menu', goto({ flow: flows[0]?.name ?? '' } as never)) }),
    ...flows
  ])

const buy = flow('buy', { a: asking('ask') }, { resume })
const other = flow('other', { a: asking('other') }, { resume })

/** The session has ended in that flow, and the next build has the conversation. */
const cutOff = (next: Talk<Plain>, { answered = false } = {}): Talk<Plain> => {
  const talk = menuOver(buy, other)
  for (const said of ['hello', 'x']) talk.say(said)
  assert.equal(talk.place, 'buy.a')
  talk.due()
  if (answered) assert.deepEqual(talk.say('back').slice(-1), ['again'])
  const { state, nowMs, version, events } = talk
  return Object.assign(next, { state, nowMs, version, events })
}

const withoutOffer: Readonly<Record<string, () => Talk<Plain>>> = {
  'offers it no more': () => menuOver(flow('buy', { a: asking('ask') }), other),
  'is renamed': () => menuOver(flow('order', { a: asking('ask') }, { resume }), other),
  'is gone': () => menuOver(other)
}

describe('a dialogue that is kept', () => {
  for (const [change, next] of Object.entries(withoutOffer)) {
    it(`is dropped when its flow ${change}, and another flow offers to be gone on with`, () => {
      const talk = cutOff(next())

      assert.deepEqual(talk.say('back').slice(-1), ['menu'])
      assert.equal(talk.state.session.kept, undefined)
      assert.equal(talk.place, 'menu.pick')
    })

    it(`leads its member from the offer to the menu when its flow ${change}`, () => {
      for (const tapped of [true, false]) {
        const talk = cutOff(next(), { answered: true })
        const heard = tapped ? talk.tap('resume') : talk.say('what?')

        assert.deepEqual(heard.slice(-1), ['menu'])
        assert.equal(talk.place, 'menu.pick')
        talk.say('x')
        assert.notEqual(talk.place, 'menu.pick')
      }
    })
  }
})

const look = defineCall({
  name: 'look',
  effect: false,
  input: t.strict({}),
  outcomes: { ok: t.strict({}) },
  run: () => attempt(async () => ({ outcome: 'ok', output: {} }))
})
const later = (first: unknown) =>
  flow(
    'buy',
    { look: first, a: asking('ask') },
    {
      version: 2,
      resume,
      upgrade: ({ data }: { data: object }) => ({ step: 'look', data })
    }
  )

describe('a dialogue that is gone on with', () => {
  const gone = (first: unknown) => {
    const talk = cutOff(menuOver(later(first)), { answered: true })
    return { talk, heard: talk.tap('resume') }
  }

  it('says what the step says that it was brought up to, and asks what follows', () => {
    const { talk, heard } = gone(say({ text: text('done'), next: goto('a') }))

    assert.deepEqual(heard, ['done', 'ask'])
    assert.equal(talk.place, 'buy.a')
  })

  it('goes where the branch leads that it was brought up to', () => {
    const { talk, heard } = gone(branch({ on: () => 'on', to: { on: goto('a') } }))

    assert.deepEqual(heard, ['ask'])
    assert.equal(talk.place, 'buy.a')
  })

  it('makes the call that it was brought up to', () => {
    const first = call({
      call: look,
      input: () => ({}),
      outcomes: { ok: goto('a') },
      unreachable: goto('a')
    })
    const { talk } = gone(first)

    assert.ok(talk.decision.tag === 'commit')
    assert.equal(talk.decision.call?.name, 'look')
    assert.deepEqual(talk.answer('ok'), ['ask'])
  })
})
