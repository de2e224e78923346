import type { Either } from 'fp-ts/lib/Either.js'
import type { Content } from '../../conversation/content.ts'
import { fail } from '../../kernel/failure.ts'
import type { PlainMoves } from '../action.ts'
import {
  type Actions,
  type AnyView,
  type Component,
  type Fields as Data,
  PLAIN,
  type Words,
  wordsOf
} from '../component.ts'
import type { Step } from '../step.ts'
import type { Text } from '../text.ts'
import type { View } from '../view.ts'

/** What an `ask` can be told to read. */
export type Taken = 'text' | 'media' | 'location'

/** What `read` is given: trimmed text, or the decoded content of another kind. */
type Said<T extends Taken> = T extends 'text' ? string : Extract<Content, { kind: T }>

/** All the declared fields, none of them missing. */
type Fields<D, F extends keyof D> = { readonly [P in F]-?: Exclude<D[P], undefined> }

/** A limit of refused inputs in a row, and where it leads. */
export interface Attempts<S extends string> {
  readonly most: number
  readonly next: PlainMoves<S>
}

export interface AskSpec<C, D, F extends keyof D & string, T extends Taken, S extends string> {
  /** The fields of the flow's data that this step may write; dropped when it is refused later. */
  readonly fields: readonly F[]
  readonly prompt: Text | ((view: View<C, D>) => Text)
  /** What it takes; default text. */
  readonly takes?: readonly T[]
  readonly read: (said: Said<T>, view: View<C, D>) => Either<Text, NoInfer<Fields<D, F>>>
  readonly next: PlainMoves<S> | ((view: View<C, D>) => PlainMoves<S>)
  /** Said to content that it does not take; default that only text can be read. */
  readonly invalid?: Text
  readonly attempts?: Attempts<S>
}

/**
 * Asks for one input, decodes it and writes its own fields; refused input stays on the step.
 *
 * @example
 * ask({
 *   fields: ['amount'],
 *   prompt: text('ask.amount'),
 *   read: said => (/^\d+$/.test(said) ? accept({ amount: said }) : reject(text('err.amount'))),
 *   next: goto('handle')
 * })
 */
export function ask<
  C,
  D,
  const F extends keyof D & string,
  S extends string = never,
  const T extends Taken = 'text'
>(spec: AskSpec<NoInfer<C>, NoInfer<D>, F, T, S>): Step<C, D, S> {
  return Object.freeze({ kind: 'ask', spec })
}

interface AnyAsk {
  readonly fields: readonly string[]
  readonly prompt: Words
  readonly takes?: readonly Taken[]
  readonly read: (said: unknown, view: AnyView) => Either<Text, Data>
  readonly next: Actions | ((view: AnyView) => Actions)
  readonly invalid?: Text
  readonly attempts?: { readonly most: number; readonly next: Actions }
}

const textOnly: readonly Taken[] = ['text']
const unreadable = { tag: 'refused', text: null, unreadable: true } as const

export const askComponent: Component<AnyAsk> = {
  may: new Set(PLAIN),
  needs: ['fields', 'prompt', 'read', 'next'],
  enter: (spec, view) => ({
    tag: 'waits',
    shown: { text: wordsOf(spec.prompt, view), options: [] }
  }),
  receive: (spec, said, view) => {
    const taken: readonly string[] = spec.takes ?? textOnly
    if (!taken.includes(said.kind))
      return spec.invalid === undefined
        ? unreadable
        : { ...unreadable, text: spec.invalid, unreadable: false }
    const read = spec.read(said.kind === 'text' ? said.text.trim() : said, view)
    if (read?._tag !== 'Left' && read?._tag !== 'Right')
      return fail('CHP_DECISION_INVALID', 'read must return accept(...) or reject(...), at once.')
    if (read._tag === 'Left') return { tag: 'refused', text: read.left, unreadable: false }
    const { next } = spec
    return {
      tag: 'accepted',
      patch: read.right,
      signed: null,
      next: after => (typeof next === 'function' ? next(after) : next)
    }
  },
  fields: spec => spec.fields,
  limit: spec => spec.attempts,
  ways: ({ next, attempts }) => [
    { on: 'accepted', moves: next },
    ...(attempts === undefined ? [] : [{ on: 'attempts', moves: attempts.next }])
  ]
}
