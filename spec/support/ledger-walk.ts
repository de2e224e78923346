import type { Said, WhatsAppMember } from './whatsapp-member.ts'

/** One turn of a walk: what the member sends, and what the bot says to it, message by message. */
export interface Leg {
  readonly say: Said
  readonly hears: readonly RegExp[]
}

/** How somebody whom the ledger does not know becomes a member. */
export const registration: readonly Leg[] = [
  { say: 'hi', hears: [/Tap the button to join/] },
  { say: { tap: 'join' }, hears: [/first name/] },
  { say: 'Zoë 🌍', hears: [/last name/] },
  { say: 'Ñandú', hears: [/your account is ready/, /Hello Zoë 🌍![^]*100\.00 USD/] }
]

/** How a member makes their n-th offer, of so much to `bob_store`. */
export function offer(amount: string, nth = 1): readonly Leg[] {
  return [...offerUpToConfirm(amount), confirmed(nth)]
}

export function offerUpToConfirm(amount: string): readonly Leg[] {
  return [
    { say: { tap: 'offer' }, hears: [/How much do you want to offer/] },
    { say: amount, hears: [/Which handle/] },
    {
      say: '@Bob_Store',
      hears: [new RegExp(`confirm: ${amount.replace('.', '\\.')} USD .*@bob_store`)]
    }
  ]
}

export function confirmed(nth = 1): Leg {
  const dashboard = new RegExp(`Balances[^]*, ${nth} under way`)
  return { say: { tap: 'confirm' }, hears: [/Your offer was sent/, dashboard] }
}

/** Walks leg by leg: the next message is sent when all replies to the one before are there. */
export async function walk(member: WhatsAppMember, legs: readonly Leg[]): Promise<void> {
  for (const { say, hears } of legs) {
    await member.say(say)
    await member.hears(...hears)
  }
}
