import { type Denominations, scaleOf, standardDenominations } from './money.ts'

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

/**
 * The standard rules with what differs; a price is cut to the scale of its denomination.
 *
 * A ledger without the denomination of a price knows no such limit, gift or fee.
 */
export function rulesWith(told: Partial<Rules>): Rules {
  const rules = { ...standardRules, ...told }
  const { denominations, dailyLimit, startBalances, upgradeFee } = rules
  const [anyDenom = ''] = Object.keys(denominations)
  const scaled = (denom: string, amount: string): string => {
    const [whole = '0', fraction = ''] = amount.split('.')
    const scale = scaleOf(denominations, denom) ?? 0
    return scale === 0 ? whole : `${whole}.${fraction.padEnd(scale, '0').slice(0, scale)}`
  }
  const balances = Object.entries(startBalances)
    .filter(([denom]) => scaleOf(denominations, denom) !== undefined)
    .map(([denom, amount]) => [denom, scaled(denom, amount)] as const)
  const hasFee = scaleOf(denominations, upgradeFee.denom) !== undefined
  const fee = hasFee ? upgradeFee : { denom: anyDenom, amount: '0' }
  return {
    ...rules,
    dailyLimit: { ...dailyLimit, amount: scaled(dailyLimit.denom, dailyLimit.amount) },
    startBalances: Object.fromEntries(balances),
    upgradeFee: { ...fee, amount: scaled(fee.denom, fee.amount) }
  }
}
