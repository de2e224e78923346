import type { Text } from './text.ts'

/** Goes to a step of the same flow. */
export interface Goto<S extends string = string> {
  readonly kind: 'goto'
  readonly step: S
  readonly patch?: never
  readonly flow?: never
}

/** Goes to a step of the same flow and writes fields of its data. */
export interface Patched<S extends string = string, P = object> {
  readonly kind: 'goto'
  readonly step: S
  readonly patch: P
  readonly flow?: never
}

/** Fields to write on the way to a step; undefined removes one that need not be there. */
export type Patch<D> = {
  readonly [K in keyof D]?: object extends Pick<D, K> ? D[K] | undefined : D[K]
}

/** Leaves the flow and begins another one. */
export interface Begin {
  readonly kind: 'goto'
  readonly flow: string
  readonly data: Readonly<Record<string, unknown>>
  readonly step?: never
  readonly patch?: never
}

/** Ends the flow: back to the flow that entered it with `value`, else to the menu. */
export interface End {
  readonly kind: 'end'
  readonly text: Text | null
  readonly value: unknown
}

/** The frame as before the answer, its fields gone, attempts + 1, the text said. */
export interface Refuse<S extends string = string> {
  readonly kind: 'refuse'
  readonly step: S
  readonly text: Text
}

/** The same as `refuse` with attempts unchanged: it was not the member's fault. */
export interface Back<S extends string = string> {
  readonly kind: 'back'
  readonly step: S
  readonly text: Text
}

/** Says a text on the way. */
export interface Say {
  readonly kind: 'say'
  readonly text: Text
  readonly note: 'greeting' | null
}

/** Sets a reminder, made by `remindAt`. */
export interface Remind {
  readonly kind: 'remind'
  readonly id: string
  readonly atMs: number
  readonly event: string
  readonly data: unknown
}

/** Calls a reminder off, made by `forget`. */
export interface Forget {
  readonly kind: 'forget'
  readonly id: string
}

/** What any step may do on its way. */
export type Aside = Say | Remind | Forget

/** Goes on with the dialogue that was kept; made by the offer of it alone. */
export interface Resume {
  readonly kind: 'resume'
}

/** Writes the core, made by one of the accessors in `core-hands.ts`. */
export interface CoreAct<C = unknown> {
  readonly kind: 'core'
  readonly act: string
  readonly value: unknown
  /** Never set: keeps an act made for one bot's core from being returned to another's. */
  readonly core?: C
}

export type Action = Goto | Patched | Begin | End | Refuse | Back | Resume | Aside | CoreAct

/** One move, or things to do before it and the move last. */
export type Moves<Extra, Move> = Move | readonly [...Extra[], Move]

/** Where every step may go; nothing is written on the way. */
export type Plain<S extends string> = Goto<S> | Begin | End

/** The moves of an input: what it decoded is written by itself. */
export type PlainMoves<S extends string> = Moves<Aside, Plain<S>>

/** The step names that a value, or what a function returns, may go to. */
export type Targets<A> = A extends (...args: never[]) => infer R
  ? Targets<R>
  : A extends readonly (infer X)[]
    ? Targets<X>
    : A extends { readonly step: infer S extends string }
      ? S
      : never

/** Stays with the input that led here: its field is dropped and the attempt counted. */
export function refuse<const S extends string>(step: S, text: Text): Refuse<S> {
  return Object.freeze({ kind: 'refuse', step, text })
}

/** Goes back to the input that led here without counting an attempt. */
export function back<const S extends string>(step: S, text: Text): Back<S> {
  return Object.freeze({ kind: 'back', step, text })
}
