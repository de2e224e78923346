import assert from 'node:assert/strict'
import { rulesWith, standardRules } from '../../../../../examples/ledger/service/book/rules.ts'
import { Ledger } from '../../../../../examples/ledger/service/ledger.ts'

const account = {
  accountId: 'acc-1',
  handle: 'one',
  name: 'One',
  type: 'PERSONAL',
  ownerId: 'm-1',
  defaultDenom: 'TOK',
  balances: { TOK: '20' }
}
const member = { memberId: 'm-1', phone: '1', firstName: 'One', lastName: 'Two', tier: 1 }
const content = { members: [member], accounts: [account], offers: [] }

describe('the rules of a ledger', () => {
  it('are the standard ones where nothing differs', () => {
    assert.deepEqual(rulesWith({}), standardRules)
  })

  it('cut prices to the scale of their denomination', () => {
    const { dailyLimit, startBalances, upgradeFee } = rulesWith({ denominations: { USD: 0 } })
    assert.deepEqual(
      [dailyLimit.amount, startBalances, upgradeFee.amount],
      ['50', { USD: '100' }, '1']
    )
    assert.equal(rulesWith({ denominations: { USD: 3 } }).dailyLimit.amount, '50.000')
  })

  it('hold without the denomination of their prices: no limit, no gift, no fee', () => {
    let ids = 0
    const newId = (kind: string): string => `${kind}-${(ids += 1)}`
    const made = Ledger.from(content, {
      clock: { nowMs: () => 0 },
      newId,
      rules: { denominations: { TOK: 0 } }
    })
    assert.ok(made._tag === 'Right')
    const ledger = made.right
    assert.equal(ledger.dashboard('m-1').member.dailyLimitRemaining, undefined)
    assert.deepEqual(ledger.rules.startBalances, {})
    assert.deepEqual(ledger.rules.upgradeFee, { denom: 'TOK', amount: '0' })
  })
})
