import assert from 'node:assert/strict'
import * as E from 'fp-ts/lib/Either.js'
import { decodeContent } from '../../../../../examples/ledger/service/book/content.ts'
import { standardDenominations } from '../../../../../examples/ledger/service/book/money.ts'
import { seed } from '../../../../../examples/ledger/service/seed.ts'

const [alice = assert.fail(), bob = assert.fail()] = seed.accounts
const offer = {
  offerId: 'off-1',
  issuerAccountId: 'acc-alice',
  receiverAccountId: 'acc-bob',
  amount: '5.00',
  denom: 'USD',
  status: 'PENDING'
}

function problemsWith(more: object): readonly string[] {
  const decoded = decodeContent(standardDenominations, { ...seed, ...more })
  return E.isLeft(decoded) ? decoded.left : []
}

describe('a content', () => {
  it('of the transcripts fits, with offers and ledger rows, too', () => {
    const decoded = decodeContent(standardDenominations, {
      ...seed,
      offers: [offer],
      ledger: { 'acc-alice': { rows: 12 } }
    })

    assert.ok(E.isRight(decoded))
  })

  it('that does not decode names the place and what is expected there', () => {
    const accounts = [alice, { ...bob, handle: 7 }]

    assert.deepEqual(problemsWith({ accounts }), ['accounts.1.handle must be string'])
    assert.deepEqual(problemsWith({ offers: undefined }), ['offers must be Array<GivenOffer>'])
  })

  const contradictions: readonly (readonly [string, object, RegExp])[] = [
    ['two accounts of one id', { accounts: [alice, alice] }, /^accountId acc-alice is there twice/],
    [
      'an unknown account',
      { offers: [{ ...offer, receiverAccountId: 'x' }] },
      /^offer off-1 .* x$/
    ],
    ['an unusable amount', { offers: [{ ...offer, amount: '5.001' }] }, /too many decimals/],
    ['an unknown denomination', { accounts: [{ ...alice, defaultDenom: 'EUR' }] }, /defaultDenom/],
    ['a balance in one', { accounts: [{ ...alice, balances: { EUR: '1' } }] }, /EUR .*unknown/],
    ['a handle that nobody can type', { accounts: [{ ...alice, handle: 'A b' }] }, /handle/],
    ['a tier of its own', { members: [{ ...seed.members[0], tier: 1.5 }] }, /tier/],
    ['rows of nobody', { ledger: { x: { rows: 1 } } }, /unknown account x/],
    ['too many rows', { ledger: { 'acc-bob': { rows: 1_001 } } }, /0 to 1000/]
  ]
  for (const [what, more, expected] of contradictions)
    it(`may not have ${what}`, () => {
      const problems = problemsWith(more)

      assert.ok(
        problems.some(problem => expected.test(problem)),
        problems.join('; ')
      )
    })

  it('never repeats a phone number in its problems', () => {
    const [first, second] = seed.members
    const members = [first, { ...second, phone: first?.phone }]

    const problems = problemsWith({ members })

    assert.equal(problems.length, 1)
    assert.ok(!problems.join().includes(String(first?.phone)))
  })
})
