import { failure } from '../kernel/failure.ts'
import type { Parts } from './parts.ts'

/** Causes remembered for one channel; what comes beyond is logged by the channel only. */
const CAUSES_MOST = 100

/** What hinders channels and needs a person: told once a cause, until the channel sends again. */
export class ChannelAlarms {
  readonly #parts: Pick<Parts, 'alarms' | 'log'>
  readonly #told = new Map<string, Set<string>>()

  constructor(parts: Pick<Parts, 'alarms' | 'log'>) {
    this.#parts = parts
  }

  raise(conversation: string, channel: string, why: string): void {
    const told = this.#told.get(channel) ?? new Set<string>()
    if (told.has(why) || told.size >= CAUSES_MOST) return
    this.#told.set(channel, told.add(why))
    const failed = failure('CHP_CHANNEL_UNAVAILABLE', `The channel ${channel} says: ${why}.`)
    const fields = { event: 'channel.alarm', conversation, channel, code: failed.code, why }
    this.#parts.log.error(fields, 'the channel needs a person')
    const where = `channel ${channel}`
    this.#parts.alarms.notice({ failure: failed, conversation, where, why, isLasting: true })
  }

  clear(channel: string): void {
    this.#told.delete(channel)
  }
}
