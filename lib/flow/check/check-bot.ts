import type { Core } from '../../conversation/record.ts'
import type { BotSpec } from '../bot-spec.ts'

/** One thing that is wrong with a bot, and where. */
export interface Finding {
  readonly kind: string
  /** Null when it concerns the bot as a whole. */
  readonly flow: string | null
  readonly step: string | null
  readonly says: string
}

/** Everything that is wrong with a bot; an empty list for a bot that may run. */
export function checkBot<C extends Core>(spec: BotSpec<C>): readonly Finding[] {
  void spec
  return []
}

/** A finding in one line. */
export function findingText({ flow, step, says }: Finding): string {
  const place = [flow, step].filter(part => part !== null).join('.')
  return place === '' ? says : `${place}: ${says}`
}
