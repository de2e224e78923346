import type * as t from 'io-ts'
import type { AnyView } from './component.ts'
import type { Text } from './text.ts'

/** What a bot says when its host speaks first; made by `tell`. */
export interface Tell {
  readonly data: t.Type<unknown, unknown>
  say(data: unknown, view: AnyView): Text
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
}): Tell {
  // The data was decoded by its own codec before it gets here.
  return Object.freeze(spec) as unknown as Tell
}
