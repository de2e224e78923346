import type { Content } from '../conversation/content.ts'
import type { Core } from '../conversation/record.ts'
import type { Action } from './action.ts'
import type { Hands } from './core-hands.ts'
import type { Call, OutcomeCodecs } from './define-call.ts'
import type { Flow } from './define-flow.ts'
import type { Text } from './text.ts'
import type { View } from './view.ts'

/** Core and data as the interpreter knows them: values that codecs have checked. */
export type Fields = Readonly<Record<string, unknown>>
export type AnyView = View<Core, Fields>
export type AnyHands = Hands<Core, Fields>
export type AnyCall = Call<unknown, OutcomeCodecs>

/** One option as a step offers it, before its words are looked up. */
export interface ShownOption {
  readonly id: string
  readonly label: Text | string
  readonly description?: Text | string
  readonly section?: Text | string
}

/** What a waiting step shows. A null text says nothing: the step waits silently. */
export interface Shown {
  readonly text: Text | null
  readonly options: readonly ShownOption[]
  readonly as?: 'buttons' | 'list' | undefined
  readonly button?: Text | undefined
  readonly header?: Text | undefined
  readonly footer?: Text | undefined
}

/** What entering a step comes to. */
export type Entry =
  | { readonly tag: 'waits'; readonly shown: Shown }
  | { readonly tag: 'goes'; readonly actions: Actions }
  | {
      readonly tag: 'calls'
      readonly call: AnyCall
      readonly input: unknown
      readonly signedBy: string | null
    }
  | { readonly tag: 'enters'; readonly flow: Flow; readonly data: Fields }
  | { readonly tag: 'handsOver'; readonly text: Text; readonly withinMs: number }

/** A move or a list that ends in one, as authors write it. */
export type Actions = Action | readonly Action[]

/** What a member answered: content, an option of the open prompt, or one it never offered. */
export type Said =
  | Exclude<Content, { kind: 'choice' }>
  | { readonly kind: 'option'; readonly option: string }
  | { readonly kind: 'notOffered' }

/** What an input step makes of an answer. */
export type Receipt =
  | { readonly tag: 'refused'; readonly text: Text | null; readonly unreadable: boolean }
  | {
      readonly tag: 'accepted'
      readonly patch: Fields | null
      /** The option that counts as the member's signature. */
      readonly signed: string | null
      readonly next: (view: AnyView) => Actions
    }

/** What came back to a step that waited for something other than the member. */
export type Settling =
  | { readonly tag: 'answered'; readonly outcome: string; readonly output: unknown }
  | { readonly tag: 'unreachable'; readonly known: 'not-done' | 'unknown' }
  | { readonly tag: 'returned'; readonly value: unknown }
  | { readonly tag: 'handedBack'; readonly late: boolean }

/** A right that a component may have: an action kind, `write` for a patch, or a core accessor. */
export type Right = Exclude<Action['kind'], 'core'> | 'write' | keyof AnyHands['core']

/** One way out of a step: what leads there, and the moves or the function that gives them. */
export interface Way {
  readonly on: string
  readonly moves: unknown
}

/**
 * One kind of step. It only looks and answers with data; the interpreter acts, within `may`.
 *
 * Adding a kind is a file beside its siblings and a word in `components/index.ts`.
 */
export interface Component<Spec = unknown> {
  readonly may: ReadonlySet<Right>
  /** What its spec must name, for the check. */
  readonly needs: readonly string[]
  enter(spec: Spec, view: AnyView): Entry
  /** Only for steps that wait for the member. */
  receive?(spec: Spec, said: Said, view: AnyView): Receipt
  /** Only for steps that wait for a call, a sub-flow or a person. */
  settle?(spec: Spec, settling: Settling, hands: AnyHands): Actions
  /** Fields of the data that an answer writes, dropped when it is refused afterwards. */
  fields?(spec: Spec): readonly string[]
  /** Limit of refused inputs in a row. */
  limit?(spec: Spec): { readonly most: number; readonly next: Actions } | undefined
  /** Words that a typed answer may be, for the check against commands. */
  words?(spec: Spec): readonly string[]
  /** Ids of the options that it may offer, where they can be known. */
  offers?(spec: Spec): readonly string[] | null
  /** What is wrong with the spec by itself, for the check. */
  problems?(spec: Spec): readonly string[]
  /** What it waits for without an end, for the check. */
  endless?(spec: Spec): string | null
  /** Every way out, for the check. */
  ways(spec: Spec): readonly Way[]
}

/** Rights of every step that writes nothing. */
export const PLAIN: readonly Right[] = ['goto', 'end', 'say', 'remind', 'forget']

/** A text that may be computed from the view. */
export type Words = Text | ((view: AnyView) => Text)

/** The text itself, computed if it must be. */
export function wordsOf(words: Words, view: AnyView): Text {
  return typeof words === 'function' ? words(view) : words
}
