import type { ConversationRecord } from '../conversation/record.ts'
import type { RollbackCommand } from '../conversation/turn-event.ts'
import { type Chronicle, chronicleOf } from './chronicle.ts'
import { conversationOf, type Desk, refusal, unknownConversation, type Who } from './desk.ts'
import { type Obeyed, obeyed, type Signature, signature } from './obeyed.ts'
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
  | Exclude<Obeyed, { readonly tag: 'committed' }>

/** Rolls a conversation back; see `Operator.rollback`. */
export async function rollback(
  desk: Desk,
  who: Who,
  version: number,
  request: RollbackRequest
): Promise<RollbackOutcome> {
  const conversation = await conversationOf(desk, who)
  const named = { command: 'rollback', needs: 'A rollback needs' }
  const signed = signature(desk, named, request)
  const chronicle = await chronicleOf(desk.store, conversation)
  if (chronicle === null) return unknownConversation(conversation)
  const past = rebuilt(desk, chronicle, version)
  if (past.tag === 'refused') return past
  if (past.record.schema !== desk.program.schema) {
    const { schema } = past.record
    const why = `Version ${version} is of schema ${schema}, and no step leads on from there.`
    return refusal('CHP_ROLLBACK_REFUSED', why)
  }
  const command = commandOf(chronicle, past.record, version, { ...request, ...signed })
  if (waitsForEffect(past.record) && !command.acrossEffects) {
    const why = `At version ${version} an effect was under way; it is not asked for again.`
    return refusal('CHP_ROLLBACK_REFUSED', why)
  }
  const outcome = await obeyed(desk, conversation, command, {
    code: 'CHP_ROLLBACK_REFUSED',
    parked: 'The bot failed on it; the command is parked.'
  })
  if (outcome.tag !== 'committed') return outcome
  const fields = { event: 'conversation.rolledBack', conversation, version: outcome.version }
  desk.log.info({ ...fields, to: version }, 'an operator rolled a conversation back')
  return { tag: 'rolledBack', conversation, version: outcome.version, to: version }
}

function commandOf(
  { fence: { epoch, head: read } }: Chronicle,
  { flow, core }: PastRecord,
  version: number,
  { id, by, reason, acrossEffects = false }: RollbackRequest & Signature
): RollbackCommand {
  const { member = null } = core as Partial<ConversationRecord['core']>
  const command = { kind: 'OperatorCommand', command: 'rollback', id, by, reason } as const
  const signedIn = member !== null
  return { ...command, epoch, version, read, flow, signedIn, acrossEffects }
}

function waitsForEffect({ calls }: PastRecord): boolean {
  return calls.some(({ attached, effect }) => attached && effect)
}
