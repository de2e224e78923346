import type { Receipt } from '../channel/channel.ts'
import type { Content } from '../conversation/content.ts'
import type { Inspection } from './inspect.ts'

/** What a message must bear: an id of its channel that a redelivery repeats, and its content. */
export interface Message {
  readonly id: string
  readonly content: Content
}

/** One conversation, addressed by channel, account and user. */
export interface ConversationHandle {
  readonly id: string
  /** Takes its place in the mailbox before it returns; never rejects for a message's sake. */
  receive(message: Message): Promise<Receipt>
  /** The host bot speaks first: an event like any other, with an id of its own. */
  tell(told: { id: string; event: string; data?: unknown }): Promise<Receipt>
  inspect(): Promise<Inspection | null>
}
