import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Content } from '../../../lib/conversation/content.ts'
import type { ConversationRecord } from '../../../lib/conversation/record.ts'
import { frozen } from '../../../lib/flow/frozen.ts'
import { Secret } from '../../../lib/kernel/secret.ts'
import { smallBot } from '../small-bot.ts'
import { Talk } from '../talk.ts'

const RUNS = { numRuns: 150 }
const alice = {
  token: Secret.of('tok-1'),
  member: { memberId: 'm', tier: 1 },
  cache: { balance: '5' }
}

/** Good answers and bad ones of every call of the small bot. */
const outcomes: Readonly<Record<string, readonly (readonly [string, unknown])[]>> = {
  login: [
    ['found', alice],
    ['unknown', {}],
    ['found', { token: 'plain' }]
  ],
  register: [['done', alice]],
  resolve: [
    ['found', { accountId: 'acc-b' }],
    ['unknown', {}],
    ['nonsense', null]
  ],
  pay: [
    ['done', { balance: '1' }],
    ['poor', {}]
  ]
}

type Act =
  | { readonly do: 'send'; readonly content: Content }
  | { readonly do: 'tap'; readonly option: number; readonly old: boolean }
  | { readonly do: 'settle'; readonly pick: number; readonly renew: boolean }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'due' }
  | { readonly do: 'goOn' }

const words = ['hi', 'help', '5', 'x', 'bob', 'two words', 'yes', 'no', 'Alan', 'maybe', '']
const content: fc.Arbitrary<Content> = fc.oneof(
  fc.constantFrom(...words).map(text => ({ kind: 'text', text }) as const),
  fc.string({ maxLength: 8 }).map(text => ({ kind: 'text', text }) as const),
  fc.constant({ kind: 'unsupported', what: 'poll' } as const),
  fc.constant({ kind: 'media', media: 'image', ref: 'r' } as const),
  fc.constant({ kind: 'location', latitude: 1, longitude: 2 } as const)
)
const act: fc.Arbitrary<Act> = fc.oneof(
  // Without somebody who knows what to say, random members never get to a payment.
  { weight: 24, arbitrary: fc.constant({ do: 'goOn' } as const) },
  { weight: 4, arbitrary: content.map(sent => ({ do: 'send', content: sent }) as const) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('tap' as const),
      option: fc.nat(3),
      old: fc.boolean()
    })
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('settle' as const),
      pick: fc.nat(5),
      renew: fc.boolean()
    })
  },
  { weight: 1, arbitrary: fc.nat(250_000).map(ms => ({ do: 'wait', ms }) as const) },
  { weight: 1, arbitrary: fc.constant({ do: 'due' } as const) }
)
const acts = fc.array(act, { maxLength: 60, size: 'max' })

/** Plays acts and looks at every state they lead to. */
function play(list: readonly Act[], look: (talk: Talk, before: ConversationRecord) => void): void {
  const talk = new Talk(smallBot) as unknown as Talk
  const instances: string[] = []
  for (const each of list) {
    const before = frozen(talk.state)
    step(talk, each, instances)
    if (talk.instance !== 'none') instances.push(talk.instance)
    look(talk, before)
  }
}

function step(talk: Talk, each: Act, instances: readonly string[]): void {
  if (each.do === 'send') talk.send(each.content)
  else if (each.do === 'wait') talk.nowMs += each.ms
  else if (each.do === 'due') talk.due()
  else if (each.do === 'goOn') goOn(talk)
  else if (each.do === 'tap') {
    const option = [...(talk.state.flow.prompt?.options ?? []), 'forged'][each.option] ?? 'pay'
    talk.tap(option, each.old ? instances.at(-1 - each.option) : talk.instance)
  } else settle(talk, each)
}

const good: Readonly<Record<string, string>> = { name: 'Alan', amount: '5', handle: 'bob' }

/** What somebody would do who wants to get on. */
function goOn(talk: Talk): void {
  const [answer] = outcomes[talk.state.calls.find(({ attached }) => attached)?.name ?? ''] ?? []
  if (answer !== undefined) talk.answer(answer[0], answer[1])
  else if ((talk.state.flow.prompt?.options.length ?? 0) > 0)
    talk.tap(talk.state.flow.prompt?.options[0] ?? '')
  else talk.say(good[talk.state.flow.step] ?? 'hello')
}

function settle(talk: Talk, { pick, renew }: Extract<Act, { do: 'settle' }>): void {
  const call = talk.state.calls[pick % Math.max(1, talk.state.calls.length)]
  if (call === undefined) return
  const renewed = renew ? Secret.of('tok-renewed') : null
  const answers = outcomes[call.name] ?? []
  const answer = answers[pick]
  if (answer !== undefined)
    talk.settle({ tag: 'answered', outcome: answer[0], output: answer[1] }, renewed, call.key)
  else if (pick === 3) talk.settle({ tag: 'memberUnknown', known: 'unknown' }, renewed, call.key)
  else talk.settle({ tag: 'unreachable', known: 'unknown' }, renewed, call.key)
}

describe('whatever is said, tapped, answered and waited for', () => {
  it('nothing throws, every state fits its codec and is valid for its build', () => {
    fc.assert(
      fc.property(acts, list =>
        play(list, ({ state, program }) => {
          assert.ok(program.record.is(state))
          assert.equal(program.invalid(state), null)
        })
      ),
      RUNS
    )
  })

  it('the same event decides the same, twice, and the state it decides on is not touched', () => {
    fc.assert(
      fc.property(acts, content, (list, sent) =>
        play(list, ({ state, program, nowMs, ...talk }) => {
          const before = frozen(structuredCloneOf(state))
          const event = { kind: 'Inbound', id: 'x', content: sent, arrivedAtMs: nowMs } as const
          const at = {
            nowMs,
            seed: 1,
            commit: { epoch: 'e', version: talk.version + 1, nonce: 'n' }
          }

          const once = program.decide(state, event, at)
          const twice = program.decide(state, event, at)

          assert.deepEqual(once, twice)
          assert.deepEqual(state, before)
        })
      ),
      { numRuns: 40 }
    )
  })

  it('there is one open prompt, unless the conversation rests or a call is awaited', () => {
    fc.assert(
      fc.property(acts, list =>
        play(list, ({ state, place }) => {
          const { prompt, step } = state.flow
          const awaited = state.calls.some(({ attached }) => attached)
          if (prompt === null) assert.ok(awaited || place === 'init.idle')
          else if (!awaited) assert.equal(prompt.step, step)
        })
      ),
      RUNS
    )
  })

  it('a prompt instance is kept or new: it never comes back after another one', () => {
    fc.assert(
      fc.property(acts, list => {
        const gone = new Set<string>()
        play(list, (talk, before) => {
          const old = before.flow.prompt?.instance
          if (old !== undefined && old !== talk.instance) gone.add(old)
          assert.ok(!gone.has(talk.instance))
        })
      }),
      RUNS
    )
  })

  it('attempts go up by one with an input refused, and to nought only with another prompt', () => {
    fc.assert(
      fc.property(acts, list =>
        play(list, (talk, before) => {
          const { attempts, error } = talk.state.flow.validation
          const was = before.flow.validation.attempts
          const samePrompt = before.flow.prompt?.instance === talk.instance
          if (samePrompt) assert.ok(attempts === was || attempts === was + 1)
          else if (talk.state.flow !== before.flow) assert.equal(attempts, 0)
          assert.equal(error === null, attempts === 0)
        })
      ),
      RUNS
    )
  })

  it('at most one call is attached and four are open, and a signed one names its prompt', () => {
    fc.assert(
      fc.property(acts, list =>
        play(list, ({ state }) => {
          assert.ok(state.calls.length <= 4)
          assert.ok(state.calls.filter(({ attached }) => attached).length <= 1)
          for (const { name, origin } of state.calls)
            if (name === 'pay') assert.match(origin, /^e\.\d+\.\d+\.n\d+$/)
        })
      ),
      RUNS
    )
  })

  it('a payment is only begun by a yes to the prompt that is open', () => {
    fc.assert(
      fc.property(acts, list =>
        play(list, (talk, before) => {
          const { decision } = talk
          if (decision.tag !== 'commit' || decision.call?.name !== 'pay') return
          const open = before.flow.prompt
          assert.equal(open?.step, 'confirm')
          assert.equal(decision.call.origin, open?.instance)
          assert.ok(
            decision.audit.some(note => note.kind === 'signed' && note.option === 'confirm')
          )
        })
      ),
      RUNS
    )
  })

  it('the session ends at its deadline and nothing of the member is left', () => {
    fc.assert(
      fc.property(acts, list =>
        play(list, talk => {
          const { state } = talk
          const { deadline } = state.session
          const [timer] = state.timers
          assert.equal(timer?.dueMs ?? null, deadline)
          if (deadline !== null) return
          const { member, account, token, cache } = state.core
          assert.deepEqual([member, account, token, cache], [null, null, null, null])
          assert.equal(talk.place, 'init.idle')
        })
      ),
      RUNS
    )
  })
})

/** A deep copy that keeps secrets as they are: nothing can look into one. */
function structuredCloneOf<A>(value: A): A {
  if (typeof value !== 'object' || value === null || value instanceof Secret) return value
  if (Array.isArray(value)) return value.map(structuredCloneOf) as A
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, structuredCloneOf(part)])
  ) as A
}
