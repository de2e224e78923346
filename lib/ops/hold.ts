import type { HoldCommand } from '../conversation/turn-event.ts'
import { conversationOf, type Desk, unknownConversation, type Who } from './desk.ts'
import { type Obeyed, obeyed, signature } from './obeyed.ts'

/** Who wants a conversation held or resumed, and why: both go to its history. */
export interface HoldRequest {
  /** A person or a tool; at most 200 characters. */
  readonly by: string
  /** For whoever reads the history; at most 500 characters, nothing secret. */
  readonly reason: string
  /** The same id is obeyed once; default: a random one. */
  readonly id?: string
}

/** How a hold or a resume ended. */
export type HoldOutcome =
  | {
      readonly tag: 'held' | 'resumed'
      readonly conversation: string
      /** The new version. */
      readonly version: number
    }
  | Exclude<Obeyed, { readonly tag: 'committed' }>

/** Holds a conversation, or lets it go on; see `Operator.hold`. */
export async function hold(
  desk: Desk,
  who: Who,
  command: HoldCommand['command'],
  request: HoldRequest
): Promise<HoldOutcome> {
  const signed = signature(desk, { command, needs: `To ${command} needs` }, request)
  const conversation = await conversationOf(desk, who)
  const { fence } = await desk.store.load(conversation)
  if (fence === null || fence.version === 0) return unknownConversation(conversation)
  const event: HoldCommand = { kind: 'OperatorCommand', command, ...signed }
  const outcome = await obeyed(desk, conversation, event, {
    code: 'CHP_HOLD_REFUSED',
    parked: 'It could not be committed; the command is parked.'
  })
  if (outcome.tag !== 'committed') return outcome
  const { version } = outcome
  const tag = command === 'hold' ? 'held' : 'resumed'
  desk.log.info({ event: `conversation.${tag}`, conversation, version }, 'an operator did it')
  return { tag, conversation, version }
}
