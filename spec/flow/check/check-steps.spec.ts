import {
  branch,
  call,
  choose,
  confirm,
  defineFlow,
  end,
  goto,
  handover,
  refuse,
  rest,
  say,
  text
} from '../../../lib/flow/index.ts'
import {
  asking,
  type BadBot,
  findingsOf,
  menu,
  options,
  refuses,
  send,
  sending,
  sure
} from './bad-bots.ts'

const bad: readonly BadBot[] = [
  [
    'step',
    'form.a: there is no component "wait"',
    () => findingsOf({ a: { kind: 'wait', spec: {} } })
  ],
  ['step', 'form.a: ask needs "prompt"', () => findingsOf({ a: asking(undefined as never) })],
  [
    'step',
    `form.a: the flow's data has no field "b"`,
    () => findingsOf({ a: asking(text('ask'), end(), ['b']) })
  ],
  [
    'outcome',
    'form.a: nothing follows the outcome "done" of "send"',
    () => findingsOf({ a: call({ ...sending, outcomes: {} as never }) })
  ],
  [
    'outcome',
    'form.a: call "send" declares no outcome "other"',
    () => findingsOf({ a: call({ ...sending, outcomes: { done: end(), other: end() } as never }) })
  ],
  [
    'outcome',
    'form.a: nothing follows "next"',
    () => findingsOf({ a: rest({ next: [] as never }) })
  ],
  [
    'outcome',
    'form.a: a dead end: nothing follows it',
    () => findingsOf({ a: branch({ on: () => 'x' as never, to: {} }) })
  ],
  [
    'outcome',
    'form.a: nothing follows the option "x"',
    () =>
      findingsOf({
        a: choose({
          prompt: text('ask'),
          options,
          next: { y: end() } as never,
          invalid: text('bad')
        })
      })
  ],
  [
    'outcome',
    'form.a: there is no option "y"',
    () =>
      findingsOf({
        a: choose({
          prompt: text('ask'),
          options,
          next: { x: end(), y: end() },
          invalid: text('bad')
        })
      })
  ],
  [
    'outcome',
    'form.a: two options are named "x"',
    () =>
      findingsOf({
        a: choose({
          prompt: text('ask'),
          options: [...options, ...options],
          next: { x: end() },
          invalid: text('bad')
        })
      })
  ],
  [
    'outcome',
    'form.a: it offers nothing',
    () =>
      findingsOf({
        a: choose({ prompt: text('ask'), options: [], next: () => end(), invalid: text('bad') })
      })
  ],
  [
    'target',
    'form.a: there is no step "b" in this flow',
    () => findingsOf({ a: rest({ next: () => goto('b' as never) }) })
  ],
  [
    'target',
    'form.a: there is no flow "gone"',
    () => findingsOf({ a: rest({ next: goto({ flow: 'gone' }) }) })
  ],
  [
    'target',
    'form.a: "b" takes no input to go back to',
    () =>
      findingsOf({
        a: call({ ...sending, outcomes: { done: refuse('b', text('bad')) } }),
        b: end()
      })
  ],
  [
    'right',
    'form.a: rest may not "refuse"',
    () => findingsOf({ a: rest({ next: refuse('a', text('bad')) as never }) })
  ],
  [
    'unreachable',
    'form.b: no step leads here',
    () => findingsOf({ a: rest({ next: goto('a') }), b: end() })
  ],
  [
    'loop',
    'form.b: comes back to itself without asking anything',
    () =>
      findingsOf({
        a: rest({ next: goto('b') }),
        b: say({ text: text('ask'), next: goto('c') }),
        c: branch({ on: () => 'x', to: { x: goto('b'), y: end() } as never })
      })
  ],
  [
    'loop',
    'form.a: comes back to itself without asking anything',
    () =>
      findingsOf(
        { a: goto({ flow: 'other' }) },
        {
          flows: [
            menu,
            defineFlow({ name: 'form', start: 'a' }, { a: goto({ flow: 'other' }) }),
            defineFlow({ name: 'other', start: 'b' }, { b: goto({ flow: 'form' }) })
          ]
        }
      )
  ],
  [
    'wait',
    'form.a: it waits for a person without a deadline: withinSeconds is not a number above 0',
    () =>
      findingsOf({
        a: handover({ text: text('ask'), withinSeconds: Infinity, next: end(), late: end() })
      })
  ],
  [
    'wait',
    'form.a: call "send" waits without a deadline: timeoutMs is not a number above 0',
    () =>
      findingsOf({
        a: call({ ...sending, call: { ...send, timeoutMs: Infinity }, outcomes: { done: end() } })
      })
  ],
  [
    'right',
    'form.a: handover may not "refuse"',
    () =>
      findingsOf({
        a: handover({
          text: text('ask'),
          withinSeconds: 1,
          next: refuse('a', text('bad')) as never,
          late: end()
        })
      })
  ],
  [
    'signature',
    'form.a: "b" is no confirm of this flow',
    () => findingsOf({ a: call({ ...sending, signedBy: 'b', outcomes: { done: end() } }) })
  ],
  [
    'signature',
    'form.a: its no leads to the signed call "b"',
    () =>
      findingsOf({
        a: confirm({ ...sure, confirmed: goto('b'), cancelled: goto('b') }),
        b: call({ ...sending, signedBy: 'a', outcomes: { done: end() } })
      })
  ]
]

describe('the check of steps and of the ways between them', () => {
  refuses(bad)
})
