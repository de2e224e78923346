import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { Reply } from '../../conversation/reply.ts'
import { boundedText } from '../bounded-text.ts'

/** The version both ends speak; a page that finds another in `hello` loads itself again. */
export const FRAME_VERSION = 1
/** Longest text a visitor may send, in UTF-16 units; the page's input has the same limit. */
export const SAID_UNITS_MAX = 4_096
/** Largest frame a visitor may send, in bytes; a larger one ends the connection. */
export const FRAME_BYTES_MAX = 64 * 1024

const Id = boundedText(64)

const Say = t.strict({ kind: t.literal('say'), id: Id, text: boundedText(SAID_UNITS_MAX) })
const Choose = t.strict({
  kind: t.literal('choose'),
  id: Id,
  instance: boundedText(256),
  option: boundedText(256)
})
const Received = t.strict({ kind: t.literal('received'), key: boundedText(256) })

/** What the page sends: a message, a tap, or that a reply is shown and kept. */
export const ClientFrame = t.union([Say, Choose, Received], 'ClientFrame')
export type ClientFrame = t.TypeOf<typeof ClientFrame>

/** What the page is told. */
export type ServerFrame =
  /** The line is open; `visitor` changes when the page talks for someone else than before. */
  | { readonly kind: 'hello'; readonly version: number; readonly visitor: string }
  | { readonly kind: 'reply'; readonly key: string; readonly reply: Reply }
  /** The message is kept for good: nothing is left to repeat. */
  | { readonly kind: 'taken'; readonly id: string }
  /** The message was not taken: send it again after the pause. */
  | { readonly kind: 'shed'; readonly id: string; readonly retryAfterMs: number }

/** The frame in a text, or null when it is none of ours. */
export function readFrame(text: string): ClientFrame | null {
  return E.match(
    () => null,
    (frame: ClientFrame) => frame
  )(ClientFrame.decode(jsonOf(text)))
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return 'not JSON'
  }
}
