import { epochOf } from '../store/identity.ts'
import { conversationOf, type Desk, type Refusal, unknownConversation, type Who } from './desk.ts'

/** A conversation that is no more. */
export interface Erased {
  readonly tag: 'erased'
  readonly conversation: string
}

/** Erases a conversation; see `Operator.erase`. */
export async function erase(desk: Desk, who: Who): Promise<Erased | Refusal> {
  const { store, random, log } = desk
  const conversation = await conversationOf(desk, who)
  const { fence } = await store.load(conversation)
  if (fence === null || fence.version === 0) return unknownConversation(conversation)
  const outcome = await store.erase(conversation, fence.epoch, epochOf(random))
  if (outcome === 'gone') return unknownConversation(conversation)
  log.info({ event: 'conversation.erased', conversation }, 'erased by an operator')
  return { tag: 'erased', conversation }
}
