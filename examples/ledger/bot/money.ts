/**
 * Money is a decimal text such as `12.50`, compared on `bigint`: never a binary fraction, so no
 * amount is ever rounded.
 */
const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/

/** Digits with an optional fraction, as the ledger writes balances; a minus is allowed. */
export function isDecimal(text: string): boolean {
  return DECIMAL.test(text)
}

/** How many decimals a decimal text has. */
export function scaleOf(text: string): number {
  return DECIMAL.exec(text)?.[3]?.length ?? 0
}

/** The canonical text with this many decimals: `012.5` becomes `12.50`; never cuts decimals off. */
export function withScale(text: string, scale: number): string {
  const places = Math.max(scale, scaleOf(text))
  const units = unitsOf(text, places)
  const digits = (units < 0n ? -units : units).toString().padStart(places + 1, '0')
  const point = digits.length - places
  const fraction = places === 0 ? '' : `.${digits.slice(point)}`
  return `${units < 0n ? '-' : ''}${digits.slice(0, point)}${fraction}`
}

/** Whether one decimal is greater than another, whatever their scales. */
export function isMore(one: string, other: string): boolean {
  const places = Math.max(scaleOf(one), scaleOf(other))
  return unitsOf(one, places) > unitsOf(other, places)
}

/** An amount as a member reads it: `12.50 USD`. */
export function money(amount: string, denom: string): string {
  return `${amount} ${denom}`
}

// Throws on a text that is no decimal: whoever calls has checked it where it came in.
function unitsOf(text: string, places: number): bigint {
  const [, sign = '', whole, fraction = ''] = DECIMAL.exec(text) ?? []
  if (whole === undefined) throw new Error('money that is no decimal text')
  return BigInt(sign + whole + fraction.padEnd(places, '0'))
}
