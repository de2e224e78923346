import * as t from 'io-ts'

const option = t.intersection([
  t.strict({ id: t.string, label: t.string }),
  t.partial({ description: t.string })
])
const section = t.strict({ title: t.string, options: t.readonlyArray(option) })
// `note` marks texts that carry no answer: a progress text, or a bare greeting before one.
const noted = t.partial({ note: t.keyof({ progress: null, greeting: null }) })
const framed = t.partial({ header: t.string, footer: t.string })

// What goes out in the place of a text to a member who may only be sent templates by now.
const closed = t.partial({
  closed: t.strict({
    name: t.string,
    language: t.string,
    parameters: t.readonlyArray(t.string)
  })
})
const text = t.intersection([t.strict({ kind: t.literal('text'), text: t.string }), closed, noted])
const buttons = t.intersection([
  t.strict({
    kind: t.literal('buttons'),
    text: t.string,
    instance: t.string,
    options: t.readonlyArray(option)
  }),
  framed,
  noted
])
const list = t.intersection([
  t.strict({
    kind: t.literal('list'),
    text: t.string,
    instance: t.string,
    button: t.string,
    sections: t.readonlyArray(section)
  }),
  framed,
  noted
])
const media = t.intersection([
  t.strict({
    kind: t.literal('media'),
    media: t.keyof({ image: null, audio: null, video: null, document: null }),
    link: t.string
  }),
  t.partial({ caption: t.string }),
  noted
])
const template = t.intersection([
  t.strict({
    kind: t.literal('template'),
    name: t.string,
    language: t.string,
    parameters: t.readonlyArray(t.string)
  }),
  noted
])

/** What the bot says, in the words every channel shares; the channel turns it into its own form. */
export const Reply = t.union([text, buttons, list, media, template], 'Reply')
export type Reply = t.TypeOf<typeof Reply>

/** One thing a member may tap. */
export type ReplyOption = t.TypeOf<typeof option>

/** A titled group of list rows. */
export type ReplySection = t.TypeOf<typeof section>

/** The options a reply offers, in order; none for a reply without options. */
export function optionsOf(reply: Reply): readonly ReplyOption[] {
  if (reply.kind === 'buttons') return reply.options
  if (reply.kind === 'list') return reply.sections.flatMap(({ options }) => options)
  return []
}
