import { type Denominations, standardDenominations } from './money.ts'

/** The numbers that the ledger goes by; amounts are decimal texts of their denomination. */
export interface Rules {
  readonly denominations: Denominations
  /** What a member of the lowest tier may offer in a day (UTC) of one denomination. */
  readonly dailyLimit: Price
  readonly startBalances: Readonly<Record<string, string>>
  readonly upgradeFee: Price
  readonly bounds: Bounds
}

interface Price {
  readonly denom: string
  readonly amount: string
}

/** How much the ledger keeps, and what it does at the bound. */
interface Bounds {
  /** Then registrations are answered 503. */
  readonly membersMax: number
  /** Of one account, each way; then an offer is refused as VALIDATION. */
  readonly pendingOffersMax: number
  /** Then the oldest settled one is forgotten. */
  readonly settledOffersMax: number
  /** Then changing requests are answered 503: to forget a young key would allow a second effect. */
  readonly operationsMax: number
  /** How long a recorded outcome is kept at least. */
  readonly operationsKeptMs: number
}

export const LIMITED_TIER = 1
export const UPGRADED_TIER = 3

export const standardRules: Rules = {
  denominations: standardDenominations,
  dailyLimit: { denom: 'USD', amount: '50.00' },
  startBalances: { USD: '100.00' },
  upgradeFee: { denom: 'USD', amount: '1.00' },
  bounds: {
    membersMax: 100_000,
    pendingOffersMax: 1_000,
    settledOffersMax: 100_000,
    operationsMax: 100_000,
    operationsKeptMs: 10 * 24 * 60 * 60 * 1_000
  }
}
