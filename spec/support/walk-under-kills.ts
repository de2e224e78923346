import assert from 'node:assert/strict'
import type { Random } from '../../lib/kernel/random.ts'
import type { BotHouse } from './bot-server.ts'
import { offer, registration, walk } from './ledger-walk.ts'
import { type WhatsAppMember, whatsAppMember } from './whatsapp-member.ts'

export interface Kills {
  readonly random: Random
  readonly count: number
  /** Longest that a server lives, in ms from when it listens. */
  readonly withinMs: number
}

// A server that is killed as soon as it listens answers nobody, and on a busy machine it takes
// seconds to listen again: an answer may have to wait until all kills are spent.
const PATIENCE_MS = 300_000

/**
 * Members register and make offer after offer while the server is killed and started again, until
 * all kills are spent; then looks whether any reply is missing and any offer doubled.
 */
export async function walkUnderKills(
  house: BotHouse,
  { random, count, withinMs }: Kills,
  phones: readonly string[] = ['15550009009']
): Promise<void> {
  const members = phones.map(phone => whatsAppMember(house, phone, PATIENCE_MS))
  let left = count
  const killing = async (): Promise<void> => {
    while (left > 0) {
      await new Promise(resolve => setTimeout(resolve, random.fraction() * withinMs))
      await house.kill()
      await house.start()
      left -= 1
    }
  }
  const walking = async (member: WhatsAppMember): Promise<readonly string[]> => {
    const amounts: string[] = []
    await walk(member, registration)
    while (left > 0) {
      // No amount soon again, so that a prompt is not taken for the repeat of an older one.
      const amount = (((amounts.length % 50) + 1) / 100).toFixed(2)
      await walk(member, offer(amount, amounts.length + 1))
      amounts.push(amount)
    }
    return amounts
  }
  const [amounts] = await Promise.all([Promise.all(members.map(walking)), killing()])

  for (const member of members) member.heardAll()
  const { offers } = await house.ledger.log()
  assert.deepEqual(offers.map(({ amount }) => amount).toSorted(), amounts.flat().toSorted())
}
