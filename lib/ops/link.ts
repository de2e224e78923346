import type { Address } from '../conversation/address.ts'
import {
  conversationOf,
  type Desk,
  idOf,
  type Refusal,
  refusal,
  unknownConversation,
  type Who
} from './desk.ts'

/** An address that leads, or no longer leads, to a conversation. */
export interface Linked {
  readonly tag: 'linked' | 'unlinked'
  readonly conversation: string
  /** The id of the address. */
  readonly alias: string
}

/** Lets an address lead to a conversation; see `Operator.link`. */
export async function link(desk: Desk, who: Who, address: Address): Promise<Linked | Refusal> {
  const conversation = await conversationOf(desk, who)
  const alias = idOf(desk, address)
  const { fence } = await desk.store.load(conversation)
  if (fence === null || fence.version === 0) return unknownConversation(conversation)
  const outcome = await desk.store.setAlias(conversation, fence.epoch, alias)
  if (outcome === 'gone') return unknownConversation(conversation)
  if (outcome === 'done') return { tag: 'linked', conversation, alias }
  const why =
    outcome === 'full'
      ? 'as many addresses as there may be lead to it already'
      : 'that address has a conversation, or leads to another one'
  return refusal('CHP_INPUT_INVALID', `The address was not linked to ${conversation}: ${why}.`)
}

/** Lets an address lead there no longer; see `Operator.unlink`. */
export async function unlink(desk: Desk, who: Who, address: Address): Promise<Linked | Refusal> {
  const conversation = await conversationOf(desk, who)
  const alias = idOf(desk, address)
  const outcome = await desk.store.removeAlias(conversation, alias)
  if (outcome === 'done') return { tag: 'unlinked', conversation, alias }
  return refusal('CHP_INPUT_INVALID', `That address does not lead to ${conversation}.`)
}
