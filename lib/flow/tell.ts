import type * as t from 'io-ts'
import type { AnyView } from './component.ts'
import type { Text } from './text.ts'

/** What a bot says when its host speaks first; made by `tell`. */
export interface Tell {
  readonly data: t.Type<unknown, unknown>
  say(data: unknown, view: AnyView): Text
  closed?(data: unknown, view: AnyView): Template
}

/** A message that the provider has approved; `parameters` fill its gaps, in order. */
export interface Template {
  readonly name: string
  readonly language: string
  readonly parameters: readonly string[]
}

/**
 * Declares an event that the host may tell a conversation, and the text that it becomes.
 *
 * @example
 * on: { paid: tell({ data: t.strict({ no: t.number }), say: ({ no }) => text('paid', { no }) }) }
 */
export function tell<T>(spec: {
  readonly data: t.Type<T, unknown>
  readonly say: (data: T, view: AnyView) => Text
  /** What goes out in its place where only templates may (24 h of silence); default nothing. */
  readonly closed?: (data: T, view: AnyView) => Template
}): Tell {
  // The data was decoded by its own codec before it gets here.
  return Object.freeze(spec) as unknown as Tell
}
