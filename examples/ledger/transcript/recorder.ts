import type { Channel, ChannelHost, Outgoing, Sent } from '../../../lib/channel/channel.ts'
import { judgeSendError } from '../../../lib/channel/whatsapp/send-error.ts'
import { sendable, WINDOW_CLOSED } from '../../../lib/channel/whatsapp/send-message.ts'
import { unfit } from '../../../lib/channel/whatsapp/unfit.ts'
import type { Reply } from '../../../lib/conversation/reply.ts'
import type { Causes } from './causes.ts'
import type { Faults } from './faults.ts'
import { type Life, never } from './life.ts'
import type { Traffic } from './traffic.ts'

/** One message that the channel took. */
export interface Taken {
  /** The entry it belongs to. */
  readonly entry: number
  /** The same when it is sent again. */
  readonly name: string
  readonly reply: Reply
  /** The channel took the same message before, and its sender could not know. */
  readonly repeated: boolean
}

/** What a recorder is made of. */
export interface RecorderParts {
  readonly life: Life
  readonly causes: Causes
  readonly faults: Faults
  readonly traffic: Traffic
  readonly taken: Taken[]
  /** Names of messages that were taken while their sender never learned it. */
  readonly lost: Set<string>
  readonly idOf: (entry: number) => string
  /** Ends the process, as a planned crash does. */
  readonly crash: () => void
}

/** Longest a send may take, in ms; the same as WhatsApp's. */
const SEND_TIMEOUT_MS = 10_000
const STATUS = { http401: 401, http503: 503, notFound: 404 } as const

/** WhatsApp without its wire: everything counts as sent, and is kept for the checks. */
export function recorder(parts: RecorderParts): Channel<ChannelHost> {
  return {
    name: 'whatsapp',
    unfit,
    sendTimeoutMs: SEND_TIMEOUT_MS,
    send: (outgoing, signal) => parts.life.outside(() => take(parts, outgoing, signal)),
    mount: host => host
  }
}

async function take(
  { causes, faults, traffic, taken, lost, idOf, crash }: RecorderParts,
  { key, reply: committed, heardAgoMs }: Outgoing,
  signal: AbortSignal
): Promise<Sent> {
  traffic.moved()
  const reply = sendable(committed, heardAgoMs)
  if (reply === null) return { tag: 'dropped', why: WINDOW_CLOSED }
  const name = key.split('.').slice(0, 3).join('.')
  const entry = causes.entryOf(causes.rootOfReply(name))
  const kind = faults.forRequest(idOf(entry), 'channelSend')?.kind
  const record = (): void => {
    taken.push({ entry, name, reply, repeated: lost.has(name) })
  }
  switch (kind) {
    case 'crashBeforeSend':
      crash()
      return never()
    case 'crashAfterCommit':
      record()
      lost.add(name)
      crash()
      return never()
    case 'timeout':
      return timedOut(signal)
    case 'timeoutAfterCommit':
      record()
      lost.add(name)
      return timedOut(signal)
    case 'http401':
    case 'http503':
    case 'notFound': {
      const error = { code: null, subcode: null, isTransient: false, retryAfterMs: null }
      return judgeSendError({ httpStatus: STATUS[kind], ...error }).sent
    }
    default:
      record()
      return { tag: 'sent', providerId: `sent.${key}` }
  }
}

function timedOut(signal: AbortSignal): Promise<Sent> {
  return new Promise(resolve => {
    const late = (): void => resolve({ tag: 'later', afterMs: 0, why: 'timed out' })
    if (signal.aborted) late()
    else signal.addEventListener('abort', late, { once: true })
  })
}
