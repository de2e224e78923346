import type { ConversationRecord } from '../conversation/record.ts'
import type { RollbackCommand } from '../conversation/turn-event.ts'
import { fail } from '../kernel/failure.ts'
import { type Chronicle, chronicleOf } from './chronicle.ts'
import {
  conversationOf,
  type Desk,
  type Refusal,
  refusal,
  unknownConversation,
  type Who
} from './desk.ts'
import { type PastRecord, rebuilt } from './rebuild.ts'

/** Who wants a rollback, and why: both go to the history of the conversation. */
export interface RollbackRequest {
  /** A person or a tool; at most 200 characters. */
  readonly by: string
  /** For whoever reads the history; at most 500 characters, nothing secret. */
  readonly reason: string
  /** Also when an effect was begun since, which stays done. Default false. */
  readonly acrossEffects?: boolean
  /** The same id is obeyed once; default: a random one. */
  readonly id?: string
}

/** How a rollback ended. */
export type RollbackOutcome =
  | {
      readonly tag: 'rolledBack'
      readonly conversation: string
      /** The new version; a rollback to the one before it undoes this. */
      readonly version: number
      /** The version it went back to. */
      readonly to: number
    }
  /** A command of this id was obeyed before; nothing was changed. */
  | { readonly tag: 'duplicate'; readonly conversation: string }
  /** The store was not reached: ask again, with the same id. */
  | { readonly tag: 'shed'; readonly reason: string; readonly retryAfterMs: number }
  | Refusal

const BY_MOST = 200
const REASON_MOST = 500
const ID_MOST = 512

/** Rolls a conversation back; see `Operator.rollback`. */
export async function rollback(
  desk: Desk,
  who: Who,
  version: number,
  request: RollbackRequest
): Promise<RollbackOutcome> {
  const conversation = await conversationOf(desk, who)
  const { id = freshId(desk) } = request
  checkText('by', request.by, BY_MOST)
  checkText('reason', request.reason, REASON_MOST)
  checkText('id', id, ID_MOST)
  const chronicle = await chronicleOf(desk.store, conversation)
  if (chronicle === null) return unknownConversation(conversation)
  const past = rebuilt(desk, chronicle, version)
  if (past.tag === 'refused') return past
  if (past.record.schema !== desk.program.schema) {
    const { schema } = past.record
    const why = `Version ${version} is of schema ${schema}, and no step leads on from there.`
    return refusal('CHP_ROLLBACK_REFUSED', why)
  }
  const command = commandOf(chronicle, past.record, version, { ...request, id })
  if (waitsForEffect(past.record) && !command.acrossEffects) {
    const why = `At version ${version} an effect was under way; it is not asked for again.`
    return refusal('CHP_ROLLBACK_REFUSED', why)
  }
  return obeyed(desk, conversation, command)
}

async function obeyed(
  { command, log }: Desk,
  conversation: string,
  event: RollbackCommand
): Promise<RollbackOutcome> {
  const receipt = await command(conversation, event)
  const { version: to } = event
  switch (receipt.tag) {
    case 'committed': {
      const { version } = receipt
      const fields = { event: 'conversation.rolledBack', conversation, version, to }
      log.info(fields, 'an operator rolled a conversation back')
      return { tag: 'rolledBack', conversation, version, to }
    }
    case 'duplicate':
      return { tag: 'duplicate', conversation }
    case 'shed':
      // Not even a core can be read: there is nobody to go back for.
      return receipt.reason === 'address unknown'
        ? refusal('CHP_ROLLBACK_REFUSED', 'No core can be read; its member must write first.')
        : receipt
    case 'ignored':
      return refusal('CHP_ROLLBACK_REFUSED', receipt.why)
    default:
      return refusal('CHP_ROLLBACK_REFUSED', 'The bot failed on it; the command is parked.')
  }
}

function commandOf(
  { fence: { epoch } }: Chronicle,
  { flow, core }: PastRecord,
  version: number,
  { id, by, reason, acrossEffects = false }: RollbackRequest & { readonly id: string }
): RollbackCommand {
  const { member = null } = core as Partial<ConversationRecord['core']>
  const command = { kind: 'OperatorCommand', command: 'rollback', id, by, reason } as const
  return { ...command, epoch, version, flow, signedIn: member !== null, acrossEffects }
}

function waitsForEffect({ calls }: PastRecord): boolean {
  return calls.some(({ attached, effect }) => attached && effect)
}

function freshId({ random }: Desk): string {
  return `rollback-${Buffer.from(random.bytes(12)).toString('base64url')}`
}

function checkText(what: string, text: unknown, most: number): void {
  if (typeof text === 'string' && text.length > 0 && text.length <= most) return
  fail('CHP_INPUT_INVALID', `A rollback needs ${what}: 1 to ${most} characters.`)
}
