/** What the bot is told; a host overrides what it needs. */
export interface LedgerBotConfig {
  /** Decimals by denomination: all that can be offered. */
  readonly denominations: Readonly<Record<string, number>>
  /** Meant where a member names none, and of new accounts. */
  readonly defaultDenomination: string
  /** Rows on one page of the ledger, 1 to 50. */
  readonly ledgerPageSize: number
  /** Idle time until a session expires. */
  readonly sessionTtlSeconds: number
  /** Tries of a request to the ledger in all, the first one included. */
  readonly apiAttempts: number
  /** For tests: told of a step before a function of that step runs; may throw. */
  readonly fault?: (step: string) => void
}

export const defaultConfig: LedgerBotConfig = {
  denominations: { USD: 2, CAD: 2, ZWG: 2, XAU: 4, CRU: 3 },
  defaultDenomination: 'USD',
  ledgerPageSize: 7,
  sessionTtlSeconds: 300,
  apiAttempts: 3
}
