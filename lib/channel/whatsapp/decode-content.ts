import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { Content } from '../../conversation/content.ts'
import { boundedText } from '../bounded-text.ts'

/** Longest text a member's message may bring, in UTF-16 units; WhatsApp itself allows 4,096. */
const TEXT_UNITS_MAX = 16_384
const CAPTION_UNITS_MAX = 4_096
const REFERENCE_UNITS_MAX = 1_024
const WHAT_UNITS_MAX = 64

/**
 * What one message says, or null when its type is known and its fields are not of that type.
 *
 * A type we do not know is `unsupported`, never malformed: it deserves an answer.
 */
export function decodeContent(type: string, message: unknown): Content | null {
  const decode = decoders.get(type)
  if (decode === undefined) return { kind: 'unsupported', what: type.slice(0, WHAT_UNITS_MAX) }
  return decode(message)
}

const Reference = boundedText(REFERENCE_UNITS_MAX)
const TextMessage = t.type({ text: t.type({ body: t.string }) })
const Interactive = t.type({ interactive: t.type({ type: t.string }) })
const ButtonReply = t.type({ interactive: t.type({ button_reply: t.type({ id: Reference }) }) })
const ListReply = t.type({ interactive: t.type({ list_reply: t.type({ id: Reference }) }) })
const QuickReply = t.type({ button: t.type({ payload: Reference }) })
const Place = t.type({ location: t.type({ latitude: t.number, longitude: t.number }) })
const Attachment = t.intersection([
  t.type({ id: Reference }),
  t.partial({ mime_type: t.string, caption: t.string })
])

type Media = Extract<Content, { kind: 'media' }>['media']
const MEDIA: readonly Media[] = ['image', 'audio', 'video', 'document', 'sticker']

// A Map, because a type may be called `constructor`.
const decoders: ReadonlyMap<string, (message: unknown) => Content | null> = new Map([
  ['text', text],
  ['interactive', interactive],
  ['button', quickReply],
  ['location', place],
  ...MEDIA.map(media => [media, (message: unknown) => attachment(media, message)] as const)
])

function text(message: unknown): Content | null {
  const decoded = TextMessage.decode(message)
  if (E.isLeft(decoded)) return null
  const { body } = decoded.right.text
  return body.length > TEXT_UNITS_MAX
    ? { kind: 'unsupported', what: 'text' }
    : { kind: 'text', text: body }
}

function interactive(message: unknown): Content | null {
  const decoded = Interactive.decode(message)
  if (E.isLeft(decoded)) return null
  switch (decoded.right.interactive.type) {
    case 'button_reply':
      return E.match(
        () => null,
        ({ interactive: { button_reply } }: t.TypeOf<typeof ButtonReply>) => choice(button_reply.id)
      )(ButtonReply.decode(message))
    case 'list_reply':
      return E.match(
        () => null,
        ({ interactive: { list_reply } }: t.TypeOf<typeof ListReply>) => choice(list_reply.id)
      )(ListReply.decode(message))
    default:
      return { kind: 'unsupported', what: 'interactive' }
  }
}

function quickReply(message: unknown): Content | null {
  const decoded = QuickReply.decode(message)
  return E.isLeft(decoded) ? null : choice(decoded.right.button.payload)
}

/** Our ids are `<instance>|<option>`; an id of another make becomes an option of no prompt. */
function choice(id: string): Content {
  const bar = id.indexOf('|')
  return bar < 0
    ? { kind: 'choice', instance: '', option: id }
    : { kind: 'choice', instance: id.slice(0, bar), option: id.slice(bar + 1) }
}

function place(message: unknown): Content | null {
  const decoded = Place.decode(message)
  if (E.isLeft(decoded)) return null
  const { latitude, longitude } = decoded.right.location
  // JSON has no infinity, but 1e999 becomes one.
  if (!Number.isFinite(latitude) || !Number.isFinite(longitude)) return null
  return { kind: 'location', latitude, longitude }
}

function attachment(media: Media, message: unknown): Content | null {
  const decoded = t.record(t.string, t.unknown).decode(message)
  if (E.isLeft(decoded)) return null
  const file = Attachment.decode(decoded.right[media])
  if (E.isLeft(file)) return null
  const { id, mime_type: mimeType, caption } = file.right
  return {
    kind: 'media',
    media,
    ref: id,
    ...(mimeType === undefined ? {} : { mimeType: mimeType.slice(0, REFERENCE_UNITS_MAX) }),
    ...(caption === undefined ? {} : { caption: caption.slice(0, CAPTION_UNITS_MAX) })
  }
}
