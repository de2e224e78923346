/** What stands in the place of a `{name}` of a text. */
export type Params = Readonly<Record<string, string | number>>

/** A text by its key in the bot's catalogue; the words themselves live apart from logic. */
export interface Text {
  readonly key: string
  readonly params: Params
}

const none: Params = Object.freeze({})

/**
 * Names a text of the bot's catalogue and what its `{placeholders}` become.
 *
 * @example
 * text('ask.confirm', { amount: '12.50 USD', handle: 'bob_store' })
 */
export function text(key: string, params: Params = none): Text {
  return Object.freeze({ key, params })
}
