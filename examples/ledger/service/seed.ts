import type { Content } from './book/content.ts'

/** The members that the transcripts talk about; what a new ledger begins with. */
export const seed: Content = {
  members: [
    {
      memberId: 'm-alice',
      phone: '15550001001',
      firstName: 'Alice',
      lastName: 'Moyo',
      tier: 1,
      dailyLimitRemaining: { USD: '50.00' }
    },
    { memberId: 'm-bob', phone: '15550002002', firstName: 'Bob', lastName: 'Dube', tier: 2 },
    { memberId: 'm-carol', phone: '15550003003', firstName: 'Carol', lastName: 'Ncube', tier: 5 }
  ],
  accounts: [
    {
      accountId: 'acc-alice',
      handle: 'alice',
      name: 'Alice Moyo',
      type: 'PERSONAL',
      ownerId: 'm-alice',
      defaultDenom: 'USD',
      balances: { USD: '120.00', ZWG: '500.00', XAU: '0.5000' }
    },
    {
      accountId: 'acc-bob',
      handle: 'bob_store',
      name: 'Bob Store',
      type: 'PERSONAL',
      ownerId: 'm-bob',
      defaultDenom: 'USD',
      balances: { USD: '80.00' }
    },
    {
      accountId: 'acc-carol',
      handle: 'carol',
      name: 'Carol Ncube',
      type: 'PERSONAL',
      ownerId: 'm-carol',
      defaultDenom: 'USD',
      balances: { USD: '40.00' }
    },
    {
      accountId: 'acc-carol-farm',
      handle: 'carol_farm',
      name: 'Carol Farm',
      type: 'BUSINESS',
      ownerId: 'm-carol',
      defaultDenom: 'USD',
      balances: { USD: '300.00' }
    },
    {
      accountId: 'acc-coop',
      handle: 'coop',
      name: 'Village Coop',
      type: 'BUSINESS',
      ownerId: 'm-other',
      authorisedFor: ['m-carol'],
      defaultDenom: 'USD',
      balances: { USD: '900.00' }
    }
  ],
  offers: []
}
