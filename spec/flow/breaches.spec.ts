import assert from 'node:assert/strict'
import * as t from 'io-ts'
import {
  accept,
  ask,
  attempt,
  branch,
  call,
  choose,
  confirm,
  coreOf,
  defineBot,
  defineCall,
  defineFlow,
  goto,
  handover,
  say,
  text
} from '../../lib/flow/index.ts'
import { failureOf } from '../../lib/kernel/failure.ts'
import { Secret } from '../../lib/kernel/secret.ts'
import { Talk } from './talk.ts'

const Core = coreOf({ member: t.strict({ id: t.string }), cache: t.strict({ sum: t.string }) })
const Data = t.partial({ a: t.string, n: t.number })
const head = { core: Core, data: Data, name: 'one', start: 'pick' } as const
const x = text('x')
const look = defineCall({
  name: 'look',
  effect: false,
  input: t.strict({ q: t.string }),
  outcomes: { done: t.strict({}) },
  run: () => attempt(async () => ({ outcome: 'done', output: {} }))
})
const looking = { call: look, input: () => ({ q: '' }), unreachable: goto('pick') } as const
const pick = choose<
  t.TypeOf<typeof Core>,
  t.TypeOf<typeof Data>,
  'x',
  { x: ReturnType<typeof hop> }
>({ prompt: x, options: [{ id: 'x', label: 'X' }], next: { x: hop() }, invalid: x })
const said = (talk: Talk<never>): unknown => talk.say('hi')
const sure = { prompt: x, confirmed: goto('pick'), cancelled: goto('pick'), invalid: x } as const
const forged = (act: string, value: unknown) => ({ kind: 'core', act, value }) as const

/** An `ask` as JavaScript may write it. */
function asked(more: object): unknown {
  const read = () => accept({ n: 1 })
  return { kind: 'ask', spec: { fields: ['n'], prompt: x, read, next: goto('pick'), ...more } }
}

function hopTo(step: string): ReturnType<typeof goto<'pick'>> {
  return goto(step) as never
}

function hop() {
  return goto('b')
}

/** What is done, what it is told, and the bot; every line that types forbid says so. */
interface Breach {
  readonly told: RegExp
  readonly step: () => unknown
  /** What makes the step act; default: entering it. */
  readonly acts?: (talk: Talk<never>) => unknown
}

const breaches: Readonly<Record<string, Breach>> = {
  'reads the token outside a call': {
    told: /^core\.token: only a running call is given the token/,
    step: () =>
      // @ts-expect-error
      branch({ on: view => (view.core.token === null ? 'on' : 'on'), to: { on: goto('pick') } })
  },
  'sets an empty token': {
    told: /^core\.token: an empty token cannot be set/,
    step: () =>
      call({
        ...looking,
        outcomes: { done: (_, { core }) => [core.refreshToken(''), goto('pick')] }
      }),
    acts: talk => talk.answer('done')
  },
  'sets no token at all': {
    told: /^core\.token: an empty token cannot be set/,
    step: () =>
      defineFlow(head, {
        pick,
        b: call({
          ...looking,
          outcomes: {
            // @ts-expect-error
            done: (_, { core }) => [core.signIn({ token: null, member: { id: 'm' } }), goto('pick')]
          }
        })
      }).steps['b'],
    acts: talk => talk.answer('done')
  },
  'writes data outside the codec': {
    told: /^one\.b: field "n" does not fit its codec/,
    step: () =>
      defineFlow(head, {
        pick,
        // @ts-expect-error
        b: ask({ fields: ['n'], prompt: x, read: () => accept({ n: 'many' }), next: goto('pick') })
      }).steps['b'],
    acts: said
  },
  'writes a field that is not its own': {
    told: /^one\.b: field "a" is not one of its fields/,
    step: () => asked({ read: () => accept({ n: 1, a: 'stolen' }) }),
    acts: said
  },
  'writes a field that the data does not have': {
    told: /^one\.b: field "validation" is not declared/,
    step: () =>
      defineFlow(head, {
        pick,
        b: call({
          ...looking,
          // @ts-expect-error
          outcomes: { done: () => goto('pick', { validation: { attempts: 0 } }) }
        })
      }).steps['b'],
    acts: talk => talk.answer('done')
  },
  'writes a member outside the codec': {
    told: /^core: what was written at one\.pick does not fit its codec/,
    step: () =>
      defineFlow(head, {
        pick,
        b: call({
          ...looking,
          // @ts-expect-error
          outcomes: { done: (_, { core }) => [core.changeMember({ id: 5 }), goto('pick')] }
        })
      }).steps['b'],
    acts: talk => talk.answer('done')
  },
  'writes the core from an input': {
    told: /^one\.b: this step may not "refreshToken"/,
    step: () => asked({ next: () => [forged('refreshToken', 'stolen'), goto('pick')] }),
    acts: said
  },
  'writes the core by a name that no accessor has': {
    told: /^one\.b: this step may not "token"/,
    step: () =>
      call({
        ...looking,
        outcomes: { done: () => [forged('token', 'stolen'), goto('pick')] as never }
      }),
    acts: talk => talk.answer('done')
  },
  'writes from a display': {
    told: /one\.b: say may not "write"/,
    step: () => ({
      kind: 'say',
      spec: { text: x, next: ((): unknown => goto('pick', { a: 'x' }))() }
    })
  },
  'writes from a confirmation': {
    told: /one\.b: confirm may not "write"/,
    step: () => ({ kind: 'confirm', spec: { ...sure, confirmed: goto('pick', { a: 'x' }) } }),
    acts: talk => talk.tap('confirm')
  },
  'writes from a handover': {
    told: /^one\.b: this step may not "signOut"/,
    step: () =>
      handover({
        text: x,
        withinSeconds: 1,
        next: () => [forged('signOut', null), goto('pick')] as never,
        late: goto('pick')
      }),
    acts: talk =>
      talk.take({ kind: 'OperatorCommand', id: 'o', command: 'resume', by: 'o', reason: 'o' })
  },
  'changes what it was shown': {
    told: /not extensible/,
    step: () =>
      branch({
        on: view => {
          Object.assign(view.data, { a: 'stolen' })
          return 'on'
        },
        to: { on: goto('pick') }
      })
  },
  'changes the member that it was shown': {
    told: /read only property/,
    step: () =>
      branch({
        on: view => {
          const { member } = view.core as { member: { id: string } | null }
          Object.assign(member ?? {}, { id: 'stolen' })
          return 'on'
        },
        to: { on: goto('pick') }
      })
  },
  'goes to a step that is not there': {
    told: /^one\.zz: there is no such step/,
    step: () => asked({ next: () => hopTo('zz') }),
    acts: said
  },
  'answers later': {
    told: /^one\.b: a step must give moves, at once/,
    step: () =>
      defineFlow(head, {
        pick,
        b: ask({
          fields: ['n'],
          prompt: x,
          read: () => accept({ n: 1 }),
          // @ts-expect-error
          next: async () => goto('pick')
        })
      }).steps['b'],
    acts: said
  },
  'reads later': {
    told: /^read must return accept\(\.\.\.\) or reject\(\.\.\.\), at once/,
    step: () =>
      defineFlow(head, {
        pick,
        // @ts-expect-error
        b: ask({ fields: ['n'], prompt: x, read: async () => accept({ n: 1 }), next: goto('pick') })
      }).steps['b'],
    acts: said
  },
  'says words of its own': {
    told: /^one\.b: what is said must be a text\(key\)/,
    step: () => asked({ next: () => [{ kind: 'say', text: 'Hello!', note: null }, goto('pick')] }),
    acts: said
  }
}

const Untyped = defineFlow as unknown as (head: object, steps: object) => ReturnType<typeof flowOf>

function flowOf() {
  return defineFlow(head, { pick, b: goto('pick') })
}

/** A conversation of somebody who is signed in, right before the breach. */
function before({ step }: Breach): Talk<never> {
  const made = Untyped(head, { pick, b: step() })
  const texts = { en: { x: 'X' } }
  const bot = defineBot({ name: 'b', core: Core, flows: [made], start: 'one', texts })
  const talk = new Talk(bot) as unknown as Talk<never>
  talk.say('hi')
  const token = { value: Secret.of('tok-1'), refreshes: 0, setAt: 1 }
  const core = { ...(talk.state.core as object), member: { id: 'm' }, token }
  talk.state = { ...talk.state, core: core as never }
  return talk
}

describe('a step that', () => {
  for (const [what, breach] of Object.entries(breaches))
    it(`${what} is stopped before the commit, and told why`, () => {
      let talk: Talk<never> | undefined
      let state: unknown
      const act = (): void => {
        talk = before(breach)
        state = talk.state
        talk.tap('x')
        state = talk.state
        breach.acts?.(talk)
      }

      assert.throws(act, error => {
        const failure = failureOf(error)
        const told = failure?.detail ?? (error as TypeError).message
        // What is written out is refused when the bot is defined, the rest when it is done.
        const code = talk === undefined ? 'CHP_BOT_INVALID' : 'CHP_DECISION_INVALID'
        if (failure !== undefined) assert.equal(failure.code, code)
        assert.match(told, breach.told)
        assert.doesNotMatch(told, /stolen|tok-1/)
        return true
      })

      assert.equal(talk?.state, state)
      const core = talk?.state.core as { token: { value: Secret }; member: unknown } | undefined
      if (core === undefined) return
      assert.equal(core.token.value.reveal(), 'tok-1')
      assert.deepEqual(core.member, { id: 'm' })
    })

  it('keeps to its part is let through', () => {
    const talk = before({
      told: /never/,
      step: () => say({ text: x, next: goto('pick') })
    })

    assert.deepEqual(talk.tap('x'), ['X', 'X'])
    assert.ok(confirm(sure))
  })
})
