import * as E from 'fp-ts/lib/Either.js'
import { accept, reject, type Text, text } from '../../../lib/flow/index.ts'
import type { LedgerBotConfig } from './config.ts'
import { activeAccount, type LedgerView } from './core.ts'
import { isMore, money, scaleOf, withScale } from './money.ts'

/** An amount with the full scale of its denomination, such as `12.50` and `USD`. */
export interface Amount {
  readonly amount: string
  readonly denom: string
}

// More digits than any balance has, and few enough for every label an amount is shown in.
const NUMBER = /^\d{1,15}(?:\.\d{1,15})?$/
const WORD = /^\p{L}{1,20}$/u

/**
 * Reads `n`, `n DEN` or `DEN n`: no sign, no exponent, no grouping, more than nothing.
 *
 * Refuses by the first rule that is broken: grammar, denomination, decimals.
 */
export function parseAmount(
  said: string,
  { denominations, defaultDenomination }: LedgerBotConfig
): E.Either<Text, Amount> {
  const parts = said.split(/\s+/)
  const number = parts.find(part => NUMBER.test(part))
  const word = parts.length === 1 ? defaultDenomination : parts.find(part => WORD.test(part))
  if (parts.length > 2 || number === undefined || word === undefined || !isMore(number, '0'))
    return reject(text('err.amount'))

  const denom = word.toUpperCase()
  const scale = Object.hasOwn(denominations, denom) ? denominations[denom] : undefined
  if (scale === undefined) {
    const known = Object.keys(denominations).sort().join(', ')
    return reject(text('err.amount.denom', { denominations: known }))
  }
  if (scaleOf(number) > scale)
    return reject(text('err.amount.precision', { denom, decimals: scale }))
  return accept({ amount: withScale(number, scale), denom })
}

/** Members of this tier may offer only so much a day. */
const LIMITED_TIER = 1
/** Members from this tier on are checked by the ledger alone. */
const UNCHECKED_TIER = 5

/**
 * Reads an amount that this member may offer from this account, as far as the bot knows.
 *
 * A hint that saves the member a refusal later: what the ledger decides, it decides anew. The daily
 * limit comes before the balance; a denomination that the account does not hold has balance 0.
 */
export function readAmount(
  said: string,
  config: LedgerBotConfig,
  core: Pick<LedgerView, 'member' | 'cache' | 'account'>
): E.Either<Text, Amount> {
  const { member } = core
  const account = activeAccount(core)
  const parsed = parseAmount(said, config)
  if (E.isLeft(parsed) || member === null || account === null) return parsed
  const { amount, denom } = parsed.right
  if (member.tier >= UNCHECKED_TIER) return parsed

  const left = member.tier === LIMITED_TIER ? member.dailyLimitRemaining[denom] : undefined
  if (left !== undefined && isMore(amount, left))
    return reject(text('err.amount.limit', { left: money(left, denom) }))

  const balance = account.balances[denom] ?? withScale('0', scaleOf(amount))
  return isMore(amount, balance)
    ? reject(text('err.amount.balance', { balance: money(balance, denom) }))
    : parsed
}
