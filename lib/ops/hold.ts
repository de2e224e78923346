import type { HoldCommand } from '../conversation/turn-event.ts'
import { fail } from '../kernel/failure.ts'
import {
  conversationOf,
  type Desk,
  type Refusal,
  refusal,
  unknownConversation,
  type Who
} from './desk.ts'

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
  /** A command of this id was obeyed before; nothing was changed. */
  | { readonly tag: 'duplicate'; readonly conversation: string }
  /** The store was not reached: ask again, with the same id. */
  | { readonly tag: 'shed'; readonly reason: string; readonly retryAfterMs: number }
  | Refusal

const MOST = { by: 200, reason: 500, id: 512 } as const

/** Holds a conversation, or lets it go on; see `Operator.hold`. */
export async function hold(
  desk: Desk,
  who: Who,
  command: HoldCommand['command'],
  { by, reason, id = freshId(desk, command) }: HoldRequest
): Promise<HoldOutcome> {
  for (const [what, text] of Object.entries({ by, reason, id })) {
    checkText(command, what as keyof typeof MOST, text)
  }
  const conversation = await conversationOf(desk, who)
  const { fence } = await desk.store.load(conversation)
  if (fence === null || fence.version === 0) return unknownConversation(conversation)
  const event: HoldCommand = { kind: 'OperatorCommand', command, id, by, reason }
  const receipt = await desk.command(conversation, event)
  switch (receipt.tag) {
    case 'committed': {
      const { version } = receipt
      const tag = command === 'hold' ? 'held' : 'resumed'
      desk.log.info({ event: `conversation.${tag}`, conversation, version }, 'an operator did it')
      return { tag, conversation, version }
    }
    case 'duplicate':
      return { tag: 'duplicate', conversation }
    case 'shed':
      return receipt.reason === 'address unknown'
        ? refusal('CHP_HOLD_REFUSED', 'No core can be read; its member must write first.')
        : receipt
    case 'ignored':
      return refusal('CHP_HOLD_REFUSED', receipt.why)
    default:
      return refusal('CHP_HOLD_REFUSED', 'It could not be committed; the command is parked.')
  }
}

function freshId({ random }: Desk, command: string): string {
  return `${command}-${Buffer.from(random.bytes(12)).toString('base64url')}`
}

function checkText(command: string, what: keyof typeof MOST, text: unknown): void {
  if (typeof text === 'string' && text.length > 0 && text.length <= MOST[what]) return
  fail('CHP_INPUT_INVALID', `To ${command} needs ${what}: 1 to ${MOST[what]} characters.`)
}
