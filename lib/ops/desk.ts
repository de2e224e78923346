import type { Receipt } from '../channel/channel.ts'
import { Address } from '../conversation/address.ts'
import type { Program } from '../conversation/program.ts'
import type { OperatorCommand } from '../conversation/turn-event.ts'
import type { Clock } from '../kernel/clock.ts'
import { FAILURES, type FailureCode, fail } from '../kernel/failure.ts'
import type { Log } from '../kernel/log.ts'
import type { Random } from '../kernel/random.ts'
import type { ConversationStore } from '../store/conversation-store.ts'
import type { KeyRing } from '../store/seal.ts'

/** What the verbs of an operator work with. */
export interface Desk {
  readonly program: Program
  readonly store: ConversationStore
  readonly ring: KeyRing
  readonly random: Random
  readonly clock: Clock
  readonly log: Log
  idOf(address: Address): string
  /** Has an operator's command taken by the conversation. */
  readonly command: (conversation: string, event: OperatorCommand) => Promise<Receipt>
}

/** A conversation by its id, as logs name it, or by its address. */
export type Who = string | Address

/** Why an operator was not obeyed; nothing was changed. */
export interface Refusal {
  readonly tag: 'refused'
  readonly code: FailureCode
  /** What it is about, without anything a member wrote. */
  readonly detail: string
  /** What to do about it. */
  readonly act: string
}

/** A refusal with what the registry of failures says to do. */
export function refusal(code: FailureCode, detail: string): Refusal {
  return { tag: 'refused', code, detail, act: FAILURES[code].act }
}

const ID = /^[A-Za-z0-9_-]{22}$/

/** The id of a conversation; fails with `CHP_INPUT_INVALID` for what is neither id nor address. */
export function idOf(desk: Pick<Desk, 'idOf'>, who: Who): string {
  if (typeof who !== 'string') {
    if (Address.is(who)) return desk.idOf(who)
    return fail('CHP_INPUT_INVALID', 'An address needs the texts channel, account and user.')
  }
  if (ID.test(who)) return who
  return fail('CHP_INPUT_INVALID', 'That is no id of a conversation: 22 letters, digits, - or _.')
}

/** Refuses a conversation that does not exist. */
export function unknownConversation(conversation: string): Refusal {
  return refusal('CHP_CONVERSATION_UNKNOWN', `Nothing is stored under ${conversation}.`)
}

/** The id of the conversation that `who` leads to, where that is an alias of another. */
export async function conversationOf(
  desk: Pick<Desk, 'idOf' | 'store'>,
  who: Who
): Promise<string> {
  const id = idOf(desk, who)
  return (await desk.store.load(id)).aliasOf ?? id
}
