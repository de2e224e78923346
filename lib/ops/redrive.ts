import { createHash } from 'node:crypto'
import type { OperatorCommand } from '../conversation/turn-event.ts'
import type { Exported } from '../store/conversation-store.ts'
import {
  conversationOf,
  type Desk,
  type Refusal,
  refusal,
  unknownConversation,
  type Who
} from './desk.ts'
import { MOST, type Obeyed, obeyed, type Signature, signature } from './obeyed.ts'
import { doneRow, isOpen, placeOf, sealedEvent, sealedReply } from './parked-events.ts'

/** Who wants something done about what was parked, and why: both go to the history. */
export interface ParkedRequest {
  /** A person or a tool; at most 200 characters. */
  readonly by: string
  /** For whoever reads the history; at most 500 characters, nothing secret. */
  readonly reason: string
}

/** How a redrive or a discard ended. */
export type ParkedOutcome =
  | {
      readonly tag: 'redriven' | 'discarded'
      readonly conversation: string
      readonly key: string
    }
  | Exclude<Obeyed, { readonly tag: 'committed' | 'duplicate' }>

const NAMED = { code: 'CHP_PARKED_REFUSED', parked: 'The command could not be committed.' } as const

/** Runs a parked event again; see `Operator.redrive`. */
export function redrive(
  desk: Desk,
  who: Who,
  key: string,
  request: ParkedRequest
): Promise<ParkedOutcome> {
  return settled(desk, who, key, 'redrive', request)
}

/** Gives a parked event up for good; see `Operator.discard`. */
export function discard(
  desk: Desk,
  who: Who,
  key: string,
  request: ParkedRequest
): Promise<ParkedOutcome> {
  return settled(desk, who, key, 'discard', request)
}

async function settled(
  desk: Desk,
  who: Who,
  key: string,
  command: 'redrive' | 'discard',
  { by, reason }: ParkedRequest
): Promise<ParkedOutcome> {
  // One id a row: the command is obeyed once, however often it is asked for.
  const id = idFor(command, key)
  const signed = signature(desk, { command, needs: `To ${command} needs` }, { by, reason, id })
  const conversation = await conversationOf(desk, who)
  const stored = await desk.store.export(conversation)
  const { fence } = stored
  if (fence === null || fence.version === 0) return unknownConversation(conversation)
  const order = { ...signed, epoch: fence.epoch, read: fence.head, parked: key }
  const event = commandOn(desk, conversation, stored, command, order)
  if ('tag' in event) return event
  const outcome = await obeyed(desk, conversation, event, NAMED)
  if (outcome.tag !== 'committed' && outcome.tag !== 'duplicate') return outcome
  const tag = command === 'redrive' ? 'redriven' : 'discarded'
  await marked(desk, conversation, key, { how: tag, by, reason })
  const fields = { event: 'parked.settled', how: tag, conversation }
  desk.log.info(fields, 'an operator settled a parked event')
  return { tag, conversation, key }
}

// A key ends in when its row was parked: cut short, it would be that of another row.
function idFor(command: string, key: string): string {
  const id = `${command} ${key}`
  if (id.length <= MOST.id) return id
  return `${command} sha256:${createHash('sha256').update(key).digest('base64url')}`
}

function commandOn(
  desk: Desk,
  conversation: string,
  stored: Exported,
  command: 'redrive' | 'discard',
  order: Signature & { readonly epoch: string; readonly read: string; readonly parked: string }
): OperatorCommand | Refusal {
  const text = stored.parked[placeOf(stored.parked, order.parked)]
  if (text === undefined)
    return refusal('CHP_PARKED_REFUSED', `Nothing is parked as ${order.parked}.`)
  const kind = 'OperatorCommand'
  if (command === 'discard') return { kind, ...order, command }
  const owed = sealedReply(desk, conversation, stored, text)
  if (owed !== null) return { kind, ...order, command: 'resend', owed }
  const event = sealedEvent(desk, conversation, stored, text)
  if (event !== null) return { kind, ...order, command, event }
  const why = 'A timer, a command, how a call ended or a damaged row is not run again: discard it.'
  return refusal('CHP_PARKED_REFUSED', why)
}

const ATTEMPTS = 20

/**
 * Keeps with the row what became of it, and takes the conversation off the list of parked ones once
 * no row is left to look at. It was done already, so a busy conversation is no harm.
 */
async function marked(
  { store, log }: Desk,
  conversation: string,
  key: string,
  done: object
): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const { fence, parked, listed } = await store.export(conversation)
    const at = placeOf(parked, key)
    const text = parked[at]
    if (fence === null || text === undefined) return
    const isOthers = parked.some((other, place) => place !== at && isOpen(other))
    const unlistParked = listed.parked !== null && !isOthers
    if (!isOpen(text) && !unlistParked) return
    const row = isOpen(text) ? doneRow(text, done) : null
    const rows = parked.map((_, place) => (place === at ? row : null))
    const nothing = { slots: [], calls: [], inbox: [], history: [] }
    const change = { ...nothing, parked: rows, unlistParked }
    // Another row may be settled at the same time: who comes last sees both.
    if ((await store.rewrite(conversation, fence, change)) === 'done' && unlistParked) return
  }
  log.warn({ event: 'parked.unmarked', conversation }, 'what was done stands in the history')
}
