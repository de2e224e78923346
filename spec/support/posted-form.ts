import * as t from 'io-ts'

/** A posted message in the words a member would use: what it says, and what can be tapped. */
export interface PostedForm {
  readonly to: string
  readonly text: string
  readonly options: readonly { readonly id: string; readonly title: string }[]
  readonly kind: 'text' | 'button' | 'list'
}

const Sendable = t.type({
  messaging_product: t.literal('whatsapp'),
  recipient_type: t.literal('individual'),
  to: t.string
})
const Text = t.type({ type: t.literal('text'), text: t.type({ body: t.string }) })
const Option = t.type({ id: t.string, title: t.string })
const Framed = t.type({ body: t.type({ text: t.string }) })
const Buttons = t.type({
  type: t.literal('interactive'),
  interactive: t.intersection([
    Framed,
    t.type({
      type: t.literal('button'),
      action: t.type({ buttons: t.array(t.type({ type: t.literal('reply'), reply: Option })) })
    })
  ])
})
const List = t.type({
  type: t.literal('interactive'),
  interactive: t.intersection([
    Framed,
    t.type({
      type: t.literal('list'),
      action: t.type({ button: t.string, sections: t.array(t.type({ rows: t.array(Option) })) })
    })
  ])
})

/**
 * Reads a post to `/messages` as the provider documents it, or says why it would be refused.
 *
 * Written from the provider's pages and not from the encoder, so that the two check each other.
 */
export function postedForm(json: unknown): PostedForm | string {
  if (!Sendable.is(json)) return 'not a message to an individual'
  const { to } = json
  if (Text.is(json)) return checked({ to, kind: 'text', text: json.text.body, options: [] }, 4096)
  if (Buttons.is(json)) {
    const { body, action } = json.interactive
    const options = action.buttons.map(({ reply }) => reply)
    return checked({ to, kind: 'button', text: body.text, options }, 1024, 3, 256, 20)
  }
  if (List.is(json)) {
    const { body, action } = json.interactive
    if (action.button.length > 20) return 'the button of a list is too long'
    const options = action.sections.flatMap(({ rows }) => rows)
    return checked({ to, kind: 'list', text: body.text, options }, 4096, 10, 200, 24)
  }
  return 'a type that the specs do not know'
}

function checked(
  form: PostedForm,
  textMax: number,
  optionsMax = 0,
  idMax = 0,
  titleMax = 0
): PostedForm | string {
  const { text, options, kind } = form
  if (text === '' || text.length > textMax) return `a text of ${text.length} characters`
  if (options.length > optionsMax || (kind !== 'text' && options.length === 0))
    return `${options.length} options`
  if (options.some(({ id }) => id === '' || id.length > idMax)) return 'the id of an option'
  if (options.some(({ title }) => title === '' || title.length > titleMax))
    return 'the title of an option'
  return new Set(options.map(({ id }) => id)).size < options.length ? 'ids not all different' : form
}
