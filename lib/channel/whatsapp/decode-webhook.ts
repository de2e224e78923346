import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { boundedText } from '../bounded-text.ts'
import type { Heard, HeardStatus } from '../channel.ts'
import { decodeContent } from './decode-content.ts'

/** What one webhook post brought; whatever is not handed on was counted. */
export interface HeardPost {
  /** The messages for our number, in the order of entries, changes and messages. */
  readonly heard: readonly Heard[]
  readonly statuses: readonly HeardStatus[]
  /** Parts not handed on: malformed ones and those of `foreign`. */
  readonly skipped: number
  /** Messages and statuses of another phone number than ours. */
  readonly foreign: number
}

/**
 * Reads a webhook body that is already JSON: pure, total, each message and status on its own.
 *
 * A malformed one is skipped and counted; it never costs a neighbour its turn.
 */
export function decodeWebhook(json: unknown, phoneNumberId: string): HeardPost {
  const post: Draft = { heard: [], statuses: [], skipped: 0, foreign: 0 }
  for (const entry of partsOf(json, 'entry', post))
    for (const change of partsOf(entry, 'changes', post)) readChange(change, phoneNumberId, post)
  return post
}

interface Draft {
  heard: Heard[]
  statuses: HeardStatus[]
  skipped: number
  foreign: number
}

const Fields = t.UnknownRecord
const Id = boundedText(512)
const User = boundedText(256)
const Change = t.intersection([t.type({ value: t.UnknownRecord }), t.partial({ field: t.string })])
const Ours = t.type({ metadata: t.type({ phone_number_id: t.string }) })
const Message = t.type({ id: Id, type: boundedText(512) })
const Status = t.type({
  id: Id,
  status: t.keyof({ sent: null, delivered: null, read: null, failed: null })
})
const Errors = t.type({ errors: t.UnknownArray })
const Coded = t.type({ code: t.union([t.number, t.string]) })
// Statuses that say nothing about delivery, so their absence from ours is no loss.
const Aside = t.type({ status: t.keyof({ deleted: null, warning: null, played: null }) })

function readChange(change: unknown, phoneNumberId: string, post: Draft): void {
  const decoded = Change.decode(change)
  if (E.isLeft(decoded)) {
    post.skipped += 1
    return
  }
  const { field, value } = decoded.right
  // Other fields bring news of accounts and templates: not malformed, and not for a conversation.
  if (field !== undefined && field !== 'messages') return
  const messages = listIn(value, 'messages', post)
  const statuses = listIn(value, 'statuses', post)
  const ours = Ours.decode(value)
  if (E.isLeft(ours)) {
    post.skipped += messages.length + statuses.length
    return
  }
  if (ours.right.metadata.phone_number_id !== phoneNumberId) {
    post.skipped += messages.length + statuses.length
    post.foreign += messages.length + statuses.length
    return
  }
  for (const message of messages) keep(post, post.heard, readMessage(message, phoneNumberId))
  for (const status of statuses)
    if (!Aside.is(status)) keep(post, post.statuses, readStatus(status, phoneNumberId))
}

function keep<T>(post: Draft, list: T[], part: T | null): void {
  if (part === null) post.skipped += 1
  else list.push(part)
}

function readMessage(message: unknown, account: string): Heard | null {
  const decoded = Message.decode(message)
  if (E.isLeft(decoded)) return null
  // Members with a user name may come without a number; then the user id stands for them.
  const user = userIn(message, 'from', 'from_user_id')
  const content = decodeContent(decoded.right.type, message)
  if (user === null || content === null) return null
  return { address: { channel: 'whatsapp', account, user }, id: decoded.right.id, content }
}

function readStatus(status: unknown, account: string): HeardStatus | null {
  const decoded = Status.decode(status)
  if (E.isLeft(decoded)) return null
  const user = userIn(status, 'recipient_id', 'recipient_user_id')
  if (user === null) return null
  return {
    address: { channel: 'whatsapp', account, user },
    providerId: decoded.right.id,
    status: decoded.right.status,
    code: codeIn(status)
  }
}

function userIn(part: unknown, number: string, userId: string): string | null {
  const fields = Fields.is(part) ? part : {}
  for (const name of [number, userId]) {
    const user = User.decode(fields[name])
    if (E.isRight(user)) return user.right
  }
  return null
}

function codeIn(status: unknown): string | null {
  const first = Errors.is(status) ? status.errors[0] : undefined
  return Coded.is(first) ? String(first.code).slice(0, 32) : null
}

/** The list under a name, which must be there. */
function partsOf(part: unknown, name: string, post: Draft): readonly unknown[] {
  if (Fields.is(part) && Array.isArray(part[name])) return part[name]
  post.skipped += 1
  return []
}

/** The list under a name, which may be absent. */
function listIn(value: Record<string, unknown>, name: string, post: Draft): readonly unknown[] {
  const list = value[name]
  if (list === undefined || list === null) return []
  if (Array.isArray(list)) return list
  post.skipped += 1
  return []
}
