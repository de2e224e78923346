import type { Content } from '../../../lib/conversation/content.ts'
import type { MessageEntry } from './form-entry.ts'

/** Names a prompt that was never open: what is left when an entry brought none. */
const NO_PROMPT = 'none'

const MEDIA = { image: null, audio: null, video: null, document: null, sticker: null } as const

/** A member's message as the channel decodes it; `instance` is the prompt it answers. */
export function contentOf(entry: MessageEntry, instance: string | null): Content {
  if ('text' in entry) return { kind: 'text', text: entry.text }
  if ('unsupported' in entry) return otherContent(entry.unsupported)
  const option = 'button' in entry ? entry.button : entry.list
  return { kind: 'choice', instance: instance ?? NO_PROMPT, option }
}

function otherContent(what: string): Content {
  if (isMedia(what)) return { kind: 'media', media: what, ref: `media-${what}` }
  if (what === 'location') return { kind: 'location', latitude: 0, longitude: 0 }
  return { kind: 'unsupported', what }
}

function isMedia(what: string): what is keyof typeof MEDIA {
  return Object.hasOwn(MEDIA, what)
}
