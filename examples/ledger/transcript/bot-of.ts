import type { Program } from '../../../lib/conversation/program.ts'
import { defaultConfig } from '../bot/config.ts'
import { ledgerBot, ledgerClient } from '../bot/ledger-bot.ts'
import type { GivenConfig } from './form-given.ts'
import { LEDGER_URL } from './ledger-door.ts'
import type { BotMaker } from './played-process.ts'

/** The ledger bot with the settings of a case; what the case leaves out is the bot's own. */
export function botOf(config: GivenConfig): BotMaker {
  const { sessionTtlSeconds, apiAttempts, denominations, defaultDenomination, ledgerPageSize } = {
    ...defaultConfig,
    ...config
  }
  return ({ transport, fault }) => {
    const bot = ledgerBot({
      ledger: ledgerClient({ url: LEDGER_URL, fetch: transport }),
      config: {
        sessionTtlSeconds,
        apiAttempts,
        denominations,
        defaultDenomination,
        ledgerPageSize,
        fault
      }
    })
    // Whoever plays a case hands the bot its own core back and never writes it.
    return bot as unknown as Program
  }
}
