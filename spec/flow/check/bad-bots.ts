import assert from 'node:assert/strict'
import * as t from 'io-ts'
import {
  accept,
  attempt,
  type BotSpec,
  type Core,
  checkBot,
  choose,
  defineCall,
  defineFlow,
  type End,
  end,
  type Finding,
  type FindingKind,
  type Flow,
  type Goto,
  goto,
  type Text,
  text
} from '../../../lib/flow/index.ts'

export type Plain = Core<never, never>

export const en = { ask: 'Ask?', bad: 'Bad.', menu: 'Menu', sum: 'It is {sum}.', X: 'X' }
export const options = [{ id: 'x', label: 'X' }] as const
const Data = t.partial({ a: t.string })
export const asking = (
  prompt: Text | (() => Text),
  next: End | Goto = end(),
  fields: readonly string[] = ['a']
): unknown => ({ kind: 'ask', spec: { fields, prompt, read: (a: string) => accept({ a }), next } })
export const sure = {
  prompt: text('ask'),
  confirmed: end(),
  cancelled: end(),
  invalid: text('bad')
}
export const send = defineCall({
  name: 'send',
  effect: true,
  input: t.strict({}),
  outcomes: { done: t.strict({}) },
  run: () => attempt(async () => ({ outcome: 'done', output: {} }))
})
export const sending = { call: send, input: () => ({}), unreachable: end() }

export const menu = defineFlow(
  { name: 'menu', start: 'pick' },
  {
    pick: choose({
      prompt: text('menu'),
      options,
      next: () => goto({ flow: 'form' }),
      invalid: text('bad')
    })
  }
)

/** What is wrong with a bot that has this flow, named form, beside a menu. */
export function findingsOf(
  steps: Readonly<Record<string, unknown>>,
  more: Partial<BotSpec<Plain>> = {},
  head: object = {}
): readonly Finding[] {
  const start = Object.keys(steps)[0] ?? 'none'
  const form = defineFlow({ name: 'form', data: Data, start, ...head }, steps as never)
  const flows = [menu, form] as readonly Flow<Plain>[]
  return checkBot<Plain>({ name: 'bad', flows, start: 'menu', texts: { en }, ...more })
}

export const said = (findings: readonly Finding[], kind: FindingKind): readonly string[] =>
  findings
    .filter(finding => finding.kind === kind)
    .map(({ flow, step, says }) => `${flow ?? ''}.${step ?? ''}: ${says}`)

/** One small bad bot: the kind of finding, what is said of which flow and step, and the bot. */
export type BadBot = readonly [FindingKind, string, () => readonly Finding[]]

/** Holds each bad bot to its finding. */
export function refuses(bad: readonly BadBot[]): void {
  for (const [kind, says, made] of bad)
    it(`finds (${kind}) ${says}`, () => {
      assert.ok(said(made(), kind).includes(says), said(made(), kind).join('\n') || 'nothing')
    })
}
