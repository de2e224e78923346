import assert from 'node:assert/strict'
import {
  type BotSpec,
  type Core,
  checkBot,
  choose,
  defineFlow,
  end,
  enter,
  type Flow,
  goto,
  text
} from '../../../lib/flow/index.ts'
import { Data, talkOf } from '../one-flow.ts'

type Plain = Core<never, never>
const STAGES = ['INIT', 'AUTH', 'MENU', 'CREDIT', 'ACCOUNT', 'REGISTRATION'] as const
type Stage = (typeof STAGES)[number]

/** The graph of the example bot; every stage reaches itself. */
const graph: Readonly<Record<Stage, readonly Stage[]>> = {
  INIT: ['AUTH'],
  AUTH: ['INIT', 'MENU', 'REGISTRATION', 'ACCOUNT'],
  MENU: ['CREDIT', 'ACCOUNT'],
  CREDIT: ['MENU'],
  ACCOUNT: ['MENU'],
  REGISTRATION: ['MENU']
}
const declared = (from: Stage, to: Stage): boolean => from === to || graph[from].includes(to)
const byDefault = (from: Stage, to: Stage): boolean =>
  from === to || from === 'MENU' || to === 'MENU'

/** Hidden from the check, which would refuse the bot: what is left is what holds while it runs. */
const hidden = (to: Stage): { readonly flow: string } => ({ flow: to.toLowerCase() })

function flowsOf(from: Stage, to: Stage, way: 'goto' | 'enter'): readonly Flow<Plain>[] {
  return STAGES.map(stage =>
    defineFlow<'pick' | 'sub', Plain>(
      { name: stage.toLowerCase(), stage, data: Data as never, start: 'pick' },
      {
        pick: choose({
          prompt: text('menu'),
          options: [
            { id: 'x', label: 'X' },
            { id: 'sub', label: 'Sub' }
          ],
          next: ((option: string) => {
            if (option === 'sub') return goto('sub')
            return stage === from && way === 'goto' ? goto(hidden(to)) : goto('pick')
          }) as never,
          invalid: text('bad')
        }),
        sub: enter({
          get flow() {
            return isRunning && stage === from ? target : (flows.get(stage) as Flow<never>)
          },
          returned: goto('pick')
        }) as never
      }
    )
  )
}

let isRunning = false
let target: Flow<never>
const flows = new Map<string, Flow<Plain>>()

function talkFrom(from: Stage, to: Stage, way: 'goto' | 'enter', more: Partial<BotSpec<Plain>>) {
  isRunning = false
  const made = flowsOf(from, to, way)
  for (const flow of made) flows.set(flow.stage, flow)
  target = flows.get(to) as Flow<never>
  const talk = talkOf(made, { start: from.toLowerCase(), menu: 'menu', ...more })
  isRunning = true
  talk.say('hello')
  return talk
}

for (const [name, rule, more] of [
  ['a declared graph', declared, { stages: graph }],
  ['the default graph', byDefault, {}]
] as const)
  describe(`the matrix of stages with ${name}`, () => {
    for (const from of STAGES)
      for (const to of STAGES) {
        const isLegal = rule(from, to)
        it(`${from} ${isLegal ? 'moves' : 'may not move'} to ${to}`, () => {
          for (const way of ['goto', 'enter'] as const) {
            const talk = talkFrom(from, to, way, more)

            talk.tap(way === 'goto' ? 'x' : 'sub')

            const { stage } = talk.program.place(talk.state)
            const refused = talk.audit.filter(({ kind }) => kind === 'refusedMove')
            assert.equal(stage, isLegal ? to : 'MENU', way)
            assert.deepEqual(refused, isLegal ? [] : [{ kind: 'refusedMove', from, to }], way)
            if (way === 'enter' && isLegal) assert.equal(talk.state.flow.caller?.step, 'sub')
          }
        })

        it(`a stored ${to} that ${from} has entered is ${isLegal ? 'valid' : 'not'}`, () => {
          const talk = talkFrom(from, to, 'goto', more)
          const { flow: caller } = talk.state
          const flow = { ...caller, flow: to.toLowerCase(), prompt: null, caller }

          const why = talk.program.invalid({ ...talk.state, flow })

          assert.equal(why, isLegal ? null : `stage ${from} may not move to ${to}`)
        })

        it(`a bot in which ${from} begins ${to} is ${isLegal ? 'right' : 'refused'}`, () => {
          for (const step of [
            goto({ flow: 'to' }),
            enter({ flow: flowNamed('to', to) as Flow<never>, returned: end() })
          ])
            assert.deepEqual(
              findings(from, to, step, more),
              isLegal ? [] : [`from.a: stage ${from} may not move to ${to} (flow "to")`]
            )
        })
      }
  })

const known = new Map<string, Flow<Plain>>()

function flowNamed(name: string, stage: string): Flow<Plain> {
  const made =
    known.get(`${name} ${stage}`) ??
    defineFlow<'a', Plain>(
      { name, stage, start: 'a' },
      {
        a: choose({
          prompt: text('menu'),
          options: [{ id: 'x', label: 'X' }],
          next: { x: end() },
          invalid: text('bad')
        }) as never
      }
    )
  known.set(`${name} ${stage}`, made)
  return made
}

function findings(
  from: Stage,
  to: Stage,
  step: unknown,
  more: Partial<BotSpec<Plain>>
): readonly string[] {
  const flow = defineFlow<'a', Plain>(
    { name: 'from', stage: from, start: 'a' },
    { a: step as never }
  )
  return checkBot<Plain>({
    name: 'two',
    flows: [flowNamed('home', 'MENU'), flow, flowNamed('to', to)],
    start: 'home',
    texts: { en: { menu: 'Menu', bad: 'Bad' } },
    ...more
  })
    .filter(({ kind, flow: at }) => kind === 'stage' && at === 'from')
    .map(({ flow: at, step: on, says }) => `${at}.${on}: ${says}`)
}
