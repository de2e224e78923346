import type { Core } from '../../conversation/record.ts'
import type { Aside, CoreAct, Moves, Patch, Patched, Plain, Targets } from '../action.ts'
import {
  type Actions,
  type AnyView,
  type Component,
  PLAIN,
  type Receipt,
  type Said,
  type Words,
  wordsOf
} from '../component.ts'
import type { ChoiceHands } from '../core-hands.ts'
import { choiceHands } from '../core-hands.ts'
import type { Step } from '../step.ts'
import type { Text } from '../text.ts'
import type { View } from '../view.ts'
import { wordOf } from '../word.ts'
import type { Attempts } from './ask.ts'

/** One thing a member may tap. A plain string as label is data, such as a name. */
export interface Option<I extends string = string> {
  readonly id: I
  readonly label: Text | string
  readonly description?: Text | string
  /** Title of the group it stands in; neighbours with one title form a group. */
  readonly section?: Text | string
}

type Chosen<C extends Core, D> = Moves<
  Aside | CoreAct<C>,
  Plain<string> | Patched<string, Patch<D>>
>

/** What follows an option: a move by option id, or one function for all. */
export type Choices<C extends Core, D, I extends string> =
  | { readonly [K in I]: Chosen<C, D> }
  | ((
      option: I,
      hands: { readonly view: View<C, D>; readonly core: ChoiceHands<C> }
    ) => Chosen<C, D>)

export interface ChooseSpec<C extends Core, D, I extends string, M, S extends string> {
  readonly prompt: Text | ((view: View<C, D>) => Text)
  readonly options: readonly Option<I>[] | ((view: View<C, D>) => readonly Option<I>[])
  readonly next: M
  /** Said when the input is none of the options. */
  readonly invalid: Text
  /** The field of the flow's data that takes the option's id; default none. */
  readonly field?: keyof D & string
  /** Default: buttons for up to three options with short labels, else a list. */
  readonly as?: 'buttons' | 'list'
  /** Label of the button that opens a list; default the bot's own. */
  readonly button?: Text
  readonly header?: Text | ((view: View<C, D>) => Text)
  readonly footer?: Text | ((view: View<C, D>) => Text)
  /** Typed words that stand for an option; without them only taps count. */
  readonly words?: { readonly [word: string]: NoInfer<I> }
  readonly attempts?: Attempts<S>
}

/**
 * Offers options; only a tap on one that this very prompt offered counts.
 *
 * @example
 * choose({
 *   prompt: text('menu'),
 *   options: [{ id: 'offer', label: text('menu.offer') }],
 *   next: { offer: goto({ flow: 'offer' }) },
 *   invalid: text('err.list')
 * })
 */
export function choose<
  C extends Core,
  D,
  I extends string,
  const M extends Choices<NoInfer<C>, NoInfer<D>, NoInfer<I>>,
  S extends string = never
>(spec: ChooseSpec<NoInfer<C>, NoInfer<D>, I, M, S>): Step<C, D, Targets<M | M[keyof M]> | S> {
  return Object.freeze({ kind: 'choose', spec })
}

interface AnyChoose {
  readonly prompt: Words
  readonly options: readonly Option[] | ((view: AnyView) => readonly Option[])
  readonly next:
    | Readonly<Record<string, Actions>>
    | ((
        option: string,
        hands: { readonly view: AnyView; readonly core: typeof choiceHands }
      ) => Actions)
  readonly invalid: Text
  readonly field?: string
  readonly as?: 'buttons' | 'list'
  readonly button?: Text
  readonly header?: Words
  readonly footer?: Words
  readonly words?: Readonly<Record<string, string>>
  readonly attempts?: { readonly most: number; readonly next: Actions }
}

export const chooseComponent: Component<AnyChoose> = {
  may: new Set([...PLAIN, 'write', 'chooseAccount', 'useLocale']),
  needs: ['prompt', 'options', 'next', 'invalid'],
  enter: (spec, view) => ({
    tag: 'waits',
    shown: {
      text: wordsOf(spec.prompt, view),
      options: typeof spec.options === 'function' ? spec.options(view) : spec.options,
      as: spec.as,
      button: spec.button,
      header: spec.header === undefined ? undefined : wordsOf(spec.header, view),
      footer: spec.footer === undefined ? undefined : wordsOf(spec.footer, view)
    }
  }),
  receive: (spec, said, view) => {
    const option = said.kind === 'option' ? said.option : optionOfWord(spec, said, view)
    if (option === undefined) return refusal(spec, said)
    const { field, next } = spec
    return {
      tag: 'accepted',
      patch: field === undefined ? null : { [field]: option },
      signed: null,
      next: after => {
        if (typeof next === 'function') return next(option, { view: after, core: choiceHands })
        const moves = Object.hasOwn(next, option) ? next[option] : undefined
        if (moves === undefined) throw new TypeError(`nothing follows the option "${option}"`)
        return moves
      }
    }
  },
  fields: ({ field }) => (field === undefined ? [] : [field]),
  limit: spec => spec.attempts,
  words: ({ words }) => Object.keys(words ?? {}),
  offers: ({ options, next }) => {
    if (typeof options !== 'function') return options.map(({ id }) => id)
    return typeof next === 'function' ? null : Object.keys(next)
  },
  problems: ({ options, next, words }) => {
    const ids = typeof options === 'function' ? [] : options.map(({ id }) => id)
    const offered = new Set(ids)
    const named = typeof next === 'function' ? [...ids] : Object.keys(next)
    return [
      ...ids.filter(id => !named.includes(id)).map(id => `nothing follows the option "${id}"`),
      ...(typeof options === 'function' ? [] : named)
        .filter(id => !offered.has(id))
        .map(id => `there is no option "${id}"`),
      ...ids
        .filter((id, index) => ids.indexOf(id) !== index)
        .map(id => `two options are named "${id}"`),
      ...(typeof options !== 'function' && ids.length === 0 ? ['it offers nothing'] : []),
      ...(typeof options === 'function' ? [] : Object.values(words ?? {}))
        .filter(id => !offered.has(id))
        .map(id => `a word stands for "${id}", which is no option`)
    ]
  },
  ways: ({ next, attempts }) => [
    ...(typeof next === 'function'
      ? [{ on: 'chosen', moves: next }]
      : Object.entries(next).map(([on, moves]) => ({ on, moves }))),
    ...(attempts === undefined ? [] : [{ on: 'attempts', moves: attempts.next }])
  ]
}

// A typed word counts only for an option that is offered right now.
function optionOfWord(spec: AnyChoose, said: Said, view: AnyView): string | undefined {
  if (said.kind !== 'text' || spec.words === undefined) return undefined
  const typed = wordOf(said.text)
  const [, option] = Object.entries(spec.words).find(([word]) => wordOf(word) === typed) ?? []
  const options = typeof spec.options === 'function' ? spec.options(view) : spec.options
  return options.some(({ id }) => id === option) ? option : undefined
}

function refusal({ invalid }: AnyChoose, { kind }: Said): Receipt {
  const unreadable = kind !== 'text' && kind !== 'notOffered'
  return { tag: 'refused', text: invalid, unreadable }
}
