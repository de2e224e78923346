import type { Core } from '../../conversation/record.ts'
import { fail } from '../../kernel/failure.ts'
import type { BotSpec } from '../bot-spec.ts'
import { checkBot } from './check-bot.ts'
import { findingText } from './finding.ts'

/** Throws `CHP_BOT_INVALID` with every finding in its words, and as its `cause`. */
export function refuseBad<C extends Core>(spec: BotSpec<C>): void {
  const findings = checkBot(spec)
  if (findings.length === 0) return
  const said = findings.map(findingText).join('; ')
  fail('CHP_BOT_INVALID', `Bot "${spec.name}": ${said}.`, findings)
}
