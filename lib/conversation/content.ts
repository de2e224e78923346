import * as t from 'io-ts'

const text = t.strict({ kind: t.literal('text'), text: t.string })
const choice = t.strict({ kind: t.literal('choice'), instance: t.string, option: t.string })
const media = t.intersection([
  t.strict({
    kind: t.literal('media'),
    media: t.keyof({ image: null, audio: null, video: null, document: null, sticker: null }),
    ref: t.string
  }),
  t.partial({ mimeType: t.string, caption: t.string })
])
const location = t.strict({
  kind: t.literal('location'),
  latitude: t.number,
  longitude: t.number
})
const unsupported = t.strict({ kind: t.literal('unsupported'), what: t.string })

/**
 * What a member sent, decoded once by the channel.
 *
 * `choice` is a tap on a button or list row; `media.ref` is a reference of the channel, no bytes;
 * everything a channel cannot name otherwise is `unsupported`.
 */
export const Content = t.union([text, choice, media, location, unsupported], 'Content')
export type Content = t.TypeOf<typeof Content>
