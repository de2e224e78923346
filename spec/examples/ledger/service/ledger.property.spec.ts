import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Command } from '../../../../examples/ledger/service/book/command.ts'
import type { Commit } from '../../../../examples/ledger/service/book/commit.ts'
import { Ledger } from '../../../../examples/ledger/service/ledger.ts'
import { seed } from '../../../../examples/ledger/service/seed.ts'
import { aLedger } from './a-ledger.ts'

/** One step of a random history; offers are named by their position, for ids come with the run. */
type Step =
  | { readonly kind: 'wait'; readonly hours: number }
  /** By somebody, or when that is null by the one who may. */
  | { readonly kind: 'settle'; readonly by: string | null; readonly nth: number; readonly how: How }
  | { readonly kind: 'acceptAll'; readonly member: string }
  | { readonly kind: 'other'; readonly command: Command }
type How = 'acceptOffer' | 'declineOffer' | 'cancelOffer'

// The coop belongs to somebody who is no member here; Carol may act for it.
const actors = seed.accounts.map(({ accountId, ownerId }) => ({
  issuer: accountId,
  memberId: ownerId === 'm-other' ? 'm-carol' : ownerId
}))
const member = fc.constantFrom('m-alice', 'm-bob', 'm-carol')
const account = fc.constantFrom(...seed.accounts.map(({ accountId }) => accountId))
const amount = fc
  .tuple(fc.nat({ max: 60 }), fc.nat({ max: 9_999 }), fc.nat({ max: 4 }))
  .map(([whole, part, scale]) => `${whole}.${`${part}`.padStart(4, '0')}`.slice(0, scale - 5))

const offering: fc.Arbitrary<Step> = fc
  .record({
    from: fc.constantFrom(...actors, { issuer: 'acc-alice', memberId: 'm-bob' }),
    receiver: account,
    amount,
    denom: fc.constantFrom('USD', 'USD', 'ZWG', 'XAU', 'EUR')
  })
  .map(({ from, ...request }) => ({
    kind: 'other',
    command: { name: 'createOffer', ...from, ...request }
  }))

const settling: fc.Arbitrary<Step> = fc.record<Extract<Step, { kind: 'settle' }>>({
  kind: fc.constant('settle'),
  by: fc.option(member, { freq: 3 }),
  nth: fc.nat({ max: 20 }),
  how: fc.constantFrom<How>('acceptOffer', 'declineOffer', 'cancelOffer')
})

const registering: fc.Arbitrary<Step> = fc.nat({ max: 3 }).map(phone => ({
  kind: 'other',
  command: {
    name: 'registerMember',
    phone: `p${phone}`,
    firstName: 'Tariro',
    lastName: 'Sibanda',
    defaultDenom: 'USD'
  }
}))

const upgrading: fc.Arbitrary<Step> = fc
  .constantFrom(...actors)
  .map(({ memberId, issuer: accountId }) => ({
    kind: 'other',
    command: { name: 'upgradeTier', memberId, ofMember: memberId, accountId }
  }))

const history = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: offering },
    { weight: 6, arbitrary: settling },
    { weight: 1, arbitrary: registering },
    { weight: 1, arbitrary: upgrading },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('acceptAll'), member }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait'), hours: fc.nat({ max: 30 }) }) }
  ) as fc.Arbitrary<Step>,
  { maxLength: 40, size: 'max' }
)

/** Takes one step; answers what it committed, if anything. */
function take({ ledger, clock }: ReturnType<typeof aLedger>, step: Step): Commit | null {
  if (step.kind === 'wait') {
    clock.advance(step.hours * 3_600_000)
    return null
  }
  return ledger.execute(commandOf(ledger, step), null).commit
}

function commandOf(ledger: Ledger, step: Exclude<Step, { kind: 'wait' }>): Command {
  const offers = ledger.offers()
  switch (step.kind) {
    case 'other':
      return step.command
    case 'settle': {
      const offer = offers[step.nth % Math.max(offers.length, 1)]
      const side = step.how === 'cancelOffer' ? offer?.issuerAccountId : offer?.receiverAccountId
      const owner = actors.find(({ issuer }) => issuer === side)?.memberId
      const memberId = step.by ?? owner ?? 'm-alice'
      return { name: step.how, memberId, offerId: offer?.offerId ?? 'off-none' }
    }
    case 'acceptAll': {
      const ids = offers.slice(-5).map(({ offerId }) => offerId)
      return { name: 'acceptAll', memberId: step.member, ids }
    }
  }
}

function allOf(ledger: Ledger): unknown {
  return {
    dashboards: seed.members.map(({ memberId }) => ledger.dashboard(memberId)),
    offers: ledger.offers(),
    money: ledger.money(),
    effects: ledger.effects
  }
}

describe('whatever members do', () => {
  it('money is neither made nor lost, but for what new members start with', () => {
    fc.assert(
      fc.property(history, steps => {
        const parts = aLedger()
        const expected = new Map(parts.ledger.money())
        for (const step of steps) {
          const commit = take(parts, step)
          const isNew = commit?.changes.some(({ type }) => type === 'memberRegistered') === true
          if (isNew) expected.set('USD', (expected.get('USD') ?? 0n) + 10_000n)

          assert.deepEqual(parts.ledger.money(), expected)
        }
      })
    )
  })

  it('no balance and no daily limit goes below zero', () => {
    fc.assert(
      fc.property(history, steps => {
        const parts = aLedger()
        for (const step of steps) {
          take(parts, step)

          for (const { memberId } of seed.members) {
            assert.ok(!JSON.stringify(parts.ledger.dashboard(memberId)).includes('"-'))
          }
        }
      })
    )
  })

  it('the same commits give the same ledger again, also by way of JSON', () => {
    fc.assert(
      fc.property(history, steps => {
        const parts = aLedger()
        const begin = new Ledger({ clock: parts.clock, newId: kind => kind })
        begin.load(seed)
        const commits = steps.map(step => take(parts, step)).filter(commit => commit !== null)

        for (const commit of JSON.parse(JSON.stringify(commits)) as Commit[]) begin.apply(commit)

        assert.deepEqual(allOf(begin), allOf(parts.ledger))
      })
    )
  })

  it('offers of every kind of end come up in these histories', () => {
    const statuses = fc.sample(history, { numRuns: 100, seed: 1 }).flatMap(steps => {
      const parts = aLedger()
      for (const step of steps) take(parts, step)
      return parts.ledger.offers().map(({ status }) => status)
    })

    const seen = [...new Set(statuses)].toSorted()
    assert.deepEqual(seen, ['ACCEPTED', 'CANCELLED', 'DECLINED', 'PENDING'])
  })
})
