import * as E from 'fp-ts/lib/Either.js'

/**
 * How many decimals each denomination has.
 *
 * Money is a `bigint` of the smallest units inside the ledger (12.50 USD is `1250n`) and a decimal
 * text with full scale outside it. It is never a floating-point number.
 */
export type Denominations = Readonly<Record<string, number>>

export const standardDenominations: Denominations = { USD: 2, CAD: 2, ZWG: 2, XAU: 4, CRU: 3 }

export type MoneyProblem = 'malformed' | 'too many decimals' | 'unknown denomination'

// Fifteen digits before the point is more than any ledger needs and keeps hostile input short.
const DECIMAL = /^(\d{1,15})(?:\.(\d+))?$/

/** Reads digits with an optional fraction: no sign, no exponent, no grouping. */
export function parseMoney(
  denominations: Denominations,
  text: string,
  denom: string
): E.Either<MoneyProblem, bigint> {
  const scale = scaleOf(denominations, denom)
  if (scale === undefined) return E.left('unknown denomination')
  const match = DECIMAL.exec(text)
  if (match === null) return E.left('malformed')
  const [, whole = '', fraction = ''] = match
  if (fraction.length > scale) return E.left('too many decimals')
  return E.right(BigInt(whole + fraction.padEnd(scale, '0')))
}

/** Writes an amount with the full scale of its denomination: `1250n` USD is `12.50`. */
export function formatMoney(denominations: Denominations, units: bigint, denom: string): string {
  const scale = scaleOf(denominations, denom) ?? 0
  const sign = units < 0n ? '-' : ''
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0')
  const point = digits.length - scale
  return sign + digits.slice(0, point) + (scale === 0 ? '' : `.${digits.slice(point)}`)
}

// Own keys only: `constructor` is no denomination.
export function scaleOf(denominations: Denominations, denom: string): number | undefined {
  return Object.hasOwn(denominations, denom) ? denominations[denom] : undefined
}

/** Reads an amount that was checked before; throws when it was not. */
export function parsedMoney(denominations: Denominations, text: string, denom: string): bigint {
  const parsed = parseMoney(denominations, text, denom)
  if (E.isLeft(parsed)) throw new Error(`an amount in the ledger is not usable: ${parsed.left}`)
  return parsed.right
}
