import assert from 'node:assert/strict'
import * as t from 'io-ts'
import type { Program } from '../../lib/conversation/program.ts'
import {
  accept,
  ask,
  attempt,
  call,
  choose,
  confirm,
  coreOf,
  defineBot,
  defineCall,
  defineFlow,
  end,
  goto,
  rest,
  say,
  text
} from '../../lib/flow/index.ts'
import { failureOf } from '../../lib/kernel/failure.ts'
import { SecretText } from '../../lib/kernel/secret.ts'
import { aWorld, until } from '../support/a-world.ts'

/** What a caller without types may hand in and return. */
type Loose = (...given: never[]) => unknown

const Core = coreOf({ member: t.strict({ id: t.string }), cache: t.strict({ n: t.number }) })
const Data = t.partial({ a: t.string, b: t.string })
const x = text('x')
const login = defineCall({
  name: 'login',
  effect: false,
  input: t.strict({}),
  outcomes: { in: t.strict({ token: SecretText }) },
  run: () => attempt(async () => ({ outcome: 'in', output: { token: 'tok-1' as never } }))
})
const pay = defineCall({
  name: 'pay',
  effect: true,
  input: t.strict({ a: t.string }),
  outcomes: { done: t.strict({}) },
  run: () => attempt(async () => ({ outcome: 'done', output: {} }))
})

/** A bot whose step `a` takes an answer, with a planted step or outcome beside it. */
function planted({
  read = (said: string) => accept({ a: said }),
  next = goto('sure'),
  settled = end(),
  extra = {}
}: {
  read?: Loose
  next?: unknown
  settled?: unknown
  extra?: object
}): Program {
  const start = defineFlow(
    { core: Core, name: 'start', stage: 'INIT', start: 'idle' },
    { idle: rest({ next: goto({ flow: 'enter' }) }) }
  )
  const enter = defineFlow(
    { core: Core, name: 'enter', stage: 'AUTH', start: 'login' },
    {
      login: call({
        call: login,
        input: () => ({}),
        outcomes: {
          in: ({ token }, { core }) => [
            core.signIn({ token, member: { id: 'ada' }, account: 'acc', cache: { n: 1 } }),
            goto({ flow: 'form' })
          ]
        },
        unreachable: end()
      })
    }
  )
  const form = defineFlow({ core: Core, data: Data, name: 'form', stage: 'MENU', start: 'a' }, {
    a: ask({ fields: ['a'], prompt: x, read, next } as never),
    sure: confirm({ prompt: x, confirmed: goto('pay'), cancelled: end(), invalid: x }),
    pay: call({
      call: pay,
      signedBy: 'sure',
      input: ({ data }: { data: { a?: string } }) => ({ a: data.a ?? '' }),
      outcomes: { done: settled as never },
      unreachable: end()
    }),
    ...extra
  } as never)
  const bot = defineBot({
    name: 'planted',
    core: Core,
    flows: [start, enter, form] as never,
    start: 'start',
    menu: 'form',
    stages: { INIT: ['AUTH'], AUTH: ['MENU'], MENU: [] },
    texts: { en: { x: 'x' } }
  } as never)
  return bot as unknown as Program
}

/** What becomes of the same conversation when its bot commits the breach, and what is stored. */
async function outcomeOf(bot: Program, said: readonly string[]) {
  const world = aWorld()
  const process = await world.start({ bot })
  await until(world.clock, process.say('m0'))
  await world.settle()
  const before = await process.chat().inspect()
  for (const [index, words] of said.entries()) {
    await until(world.clock, process.say(`m${index + 1}`, words))
    await world.settle()
  }
  const after = await process.chat().inspect()
  const parked = process.heard.find(({ name }) => name === 'parked')?.event
  return {
    before,
    after,
    code: (parked as { failure?: { code: string } } | undefined)?.failure?.code
  }
}

const write = (what: 'data' | 'core', field: string): Loose => {
  return (said: string, view: Readonly<Record<string, Record<string, unknown>>>) => {
    view[what]![field] = said
    return accept({ a: said })
  }
}
// Not in the text of a function, where the check of the bot would find it.
const hidden = 'nowhere'
const signed = 'pay'

/** What the seeds warn of; who tries it; how the runtime names it. */
const breaches: readonly (readonly [string, Parameters<typeof planted>[0], string])[] = [
  ['writes the data it looks at (B3)', { read: write('data', 'b') }, 'CHP_DECIDE_THREW'],
  ['writes the core it looks at', { read: write('core', 'account') }, 'CHP_DECIDE_THREW'],
  ['accepts data outside the codec', { read: () => accept({ a: 5 }) }, 'CHP_DECISION_INVALID'],
  [
    'writes a field that is not its own',
    { read: (said: string) => accept({ a: said, b: said }) },
    'CHP_DECISION_INVALID'
  ],
  ['gives back nothing at all', { read: () => undefined }, 'CHP_DECISION_INVALID'],
  [
    'throws in place of refusing',
    {
      read: (): unknown => JSON.parse('{')
    },
    'CHP_DECIDE_THREW'
  ],
  ['moves where there is no step', { next: () => goto(hidden) }, 'CHP_DECISION_INVALID'],
  [
    'writes data with a move that may not',
    { next: () => ({ ...goto('sure'), patch: { b: 'x' } }) },
    'CHP_DECISION_INVALID'
  ],
  [
    'signs somebody in from an input',
    { next: () => [{ kind: 'core', act: 'signOut', value: null }, goto('sure')] },
    'CHP_DECISION_INVALID'
  ],
  [
    'goes to a signed call without the yes (B19)',
    { next: () => goto(signed) },
    'CHP_DECISION_INVALID'
  ]
]

describe('a breach in JavaScript is a typed failure that leaves the state alone', () => {
  for (const [what, parts, code] of breaches)
    it(`when a step ${what}: ${code}`, async () => {
      const seen = await outcomeOf(planted(parts), ['hello'])

      assert.equal(seen.code, code)
      assert.deepEqual(seen.after?.core, seen.before?.core)
      assert.deepEqual([seen.after?.step, seen.after?.data], ['a', {}])
      assert.deepEqual(seen.after?.calls, [])
    })

  const token =
    (value: unknown) =>
    (_: object, { core }: { core: { refreshToken: Loose } }) => [
      core.refreshToken(value as never),
      end()
    ]
  for (const value of ['', null, undefined, 5])
    it(`when an outcome sets the token to ${JSON.stringify(value)}: named, not set`, async () => {
      const seen = await outcomeOf(planted({ settled: token(value) }), ['hello', 'yes'])

      assert.equal(seen.code, 'CHP_DECISION_INVALID')
      assert.deepEqual(seen.after?.core, seen.before?.core)
      assert.deepEqual(seen.after?.data, {})
    })

  it('when a step asks for the token it is given none', async () => {
    const seen: unknown[] = []
    const read = (said: string, view: { core: { token?: unknown } }) => {
      seen.push(view.core.token, JSON.stringify(view))
      return accept({ a: said })
    }
    await outcomeOf(planted({ read: read as Loose }), ['hello'])

    assert.equal(seen[0], undefined)
    assert.doesNotMatch(String(seen[1]), /tok-1/)
  })

  const undefinable: readonly (readonly [string, Parameters<typeof planted>[0], RegExp])[] = [
    [
      'a display that writes',
      {
        extra: { b: say({ text: x, next: goto('a', { b: 'x' } as never) as never }) },
        next: goto('b')
      },
      /form\.b/
    ],
    ['a move to no step', { next: goto('gone') }, /there is no step "gone"/],
    ['a component that is none', { next: goto('b'), extra: { b: { kind: 'update' } } }, /update/],
    [
      'a choice that signs in',
      {
        next: goto('b'),
        extra: {
          b: choose({
            prompt: x,
            invalid: x,
            options: [{ id: 'x', label: x }],
            next: { x: [{ kind: 'core', act: 'signIn', value: {} }, end()] as never }
          })
        }
      },
      /choose may not/
    ]
  ]
  for (const [what, parts, said] of undefinable)
    it(`when a bot has ${what}: it is not even defined`, () => {
      assert.throws(
        () => planted(parts),
        error => {
          assert.equal(failureOf(error)?.code, 'CHP_BOT_INVALID')
          assert.match(String(failureOf(error)?.detail), said)
          return true
        }
      )
    })
})
