import assert from 'node:assert/strict'
import * as E from 'fp-ts/lib/Either.js'
import { seed } from '../../../../examples/ledger/service/seed.ts'
import { ALICE, type AService, anOffer, aService, ask, BOB, loggedIn } from './a-service.ts'

const given = {
  offerId: 'off-given',
  issuerAccountId: 'acc-bob',
  receiverAccountId: 'acc-alice',
  amount: '5.00',
  denom: 'USD',
  status: 'PENDING'
}

async function controlled({ service }: AService, request: unknown): Promise<void> {
  const answer = await service.control(request)
  if (E.isLeft(answer)) assert.fail(answer.left.join('; '))
}

async function problems({ service }: AService, request: unknown): Promise<string> {
  const answer = await service.control(request)
  return E.isLeft(answer) ? answer.left.join('; ') : assert.fail('it was taken')
}

describe('control', () => {
  it('lets somebody else make and withdraw offers, and keeps that out of the effects', async () => {
    const parts = await aService()
    const incoming = async () => {
      const { json } = await ask(parts, 'POST', '/login', { body: { phone: ALICE } })
      const offers = json['dashboard']?.['accounts']?.[0]?.['incoming'] as unknown as object[]
      return offers.length
    }

    await controlled(parts, { add: [given, { ...given, offerId: 'off-2' }] })
    assert.equal(await incoming(), 2)
    await controlled(parts, { withdraw: 'off-given' })

    assert.equal(await incoming(), 1)
    const { effects, offers } = parts.service.log()
    assert.deepEqual(
      Object.values(effects).filter(count => count > 0),
      []
    )
    assert.deepEqual(
      offers.map(({ offerId, status, createdBy }) => [offerId, status, createdBy]),
      [
        ['off-given', 'CANCELLED', 'control'],
        ['off-2', 'PENDING', 'control']
      ]
    )
    const token = await loggedIn(parts)
    const accept = await ask(parts, 'POST', '/offers/off-given/accept', { token, key: 'k' })
    assert.equal(accept.json['error']?.['code'], 'NOT_PENDING')
  })

  it('revokes the tokens of one member, or of all', async () => {
    const parts = await aService()
    const [alice, bob] = [await loggedIn(parts), await loggedIn(parts, BOB)]
    const status = async (token: string) =>
      (await ask(parts, 'GET', '/operations/k', { token })).status

    await controlled(parts, { revokeTokens: { phone: ALICE } })
    assert.deepEqual([await status(alice), await status(bob)], [401, 200])
    await controlled(parts, { revokeTokens: 'all' })

    assert.equal(await status(bob), 401)
  })

  it('loads another content as a new beginning', async () => {
    const parts = await aService()
    const token = await loggedIn(parts)
    await ask(parts, 'POST', '/offers', { token, key: 'k', body: anOffer() })

    await controlled(parts, { seed: { ...seed, offers: [given] } })

    const { calls, effects, offers, requests } = parts.service.log()
    assert.deepEqual([calls, requests, effects['offersCreated']], [{}, [], 0])
    assert.deepEqual(
      offers.map(({ offerId, createdBy }) => [offerId, createdBy]),
      [['off-given', 'content']]
    )
    const again = await ask(parts, 'POST', '/offers', { token, key: 'k', body: anOffer() })
    assert.equal(again.status, 401)
  })

  it('puts the clock ahead', async () => {
    const parts = await aService()
    const token = await loggedIn(parts)

    await controlled(parts, { advanceClockMs: 300_000 })

    assert.equal((await ask(parts, 'GET', '/operations/k', { token })).status, 401)
  })

  const wrong: readonly (readonly [string, unknown, RegExp])[] = [
    ['a misspelt field', { fault: [] }, /^fault is not known here$/],
    [
      'a misspelt field of a fault',
      { faults: [{ kind: 'timeout', endpoint: 'login', time: 3 }] },
      /^faults\.0\.time is not known here$/
    ],
    ['a fault that lacks a field', { faults: [{ kind: 'business', endpoint: 'login' }] }, /code/],
    ['an unknown kind', { faults: [{ kind: 'meteor', endpoint: 'login' }] }, /^faults\.0 .*kind/],
    ['an unknown endpoint', { faults: [{ kind: 'timeout', endpoint: 'x' }] }, /endpoint/],
    ['too many faults', { faults: manyFaults() }, /at most 1000/],
    ['an unknown offer', { withdraw: 'off-none' }, /^withdraw: off-none/],
    ['an offer that is there', { add: [given, given] }, /^add: offerId off-given/],
    ['an offer of unknown accounts', { add: [{ ...given, issuerAccountId: 'x' }] }, /account x/],
    ['tokens of nobody', { revokeTokens: { phone: '1' } }, /^revokeTokens: /],
    ['a content that does not fit', { seed: { members: [] } }, /^seed: accounts/],
    ['something else', 'do it', /must be/]
  ]
  for (const [what, request, expected] of wrong)
    it(`refuses ${what} and says so`, async () => {
      const parts = await aService()

      assert.match(await problems(parts, request), expected)
    })

  it('does nothing of a request that does not decode', async () => {
    const parts = await aService()

    await problems(parts, { add: [given], faults: [{ kind: 'meteor' }] })

    assert.deepEqual(parts.service.log().offers, [])
  })
})

describe('the test paths', () => {
  it('are there when the service was started so', async () => {
    const parts = await aService()

    const control = await ask(parts, 'POST', '/_control', {
      body: { faults: [{ kind: 'timeout', endpoint: 'login' }] }
    })
    const log = await ask(parts, 'GET', '/_log')

    assert.deepEqual([control.status, control.json['faultsArmed']], [200, 1])
    assert.deepEqual(Object.keys(log.json).toSorted(), ['calls', 'effects', 'offers', 'requests'])
    assert.equal((await ask(parts, 'GET', '/_control')).status, 405)
    assert.equal((await ask(parts, 'POST', '/_log')).status, 405)
    assert.equal((await ask(parts, 'POST', '/_control', { body: '{' })).status, 400)
    assert.equal((await ask(parts, 'POST', '/_control', { body: { x: 1 } })).status, 422)
  })

  it('are unknown paths when it was not', async () => {
    const parts = await aService({ control: false })

    for (const [method, path] of [
      ['POST', '/_control'],
      ['GET', '/_log']
    ] as const) {
      const told = await ask(parts, method, path, { body: {} })
      assert.deepEqual([told.status, told.json['error']?.['code']], [404, 'UNKNOWN_PATH'])
    }
  })
})

describe('the log', () => {
  it('tells each request with its key and how it ended, in order', async () => {
    const parts = await aService()
    const token = await loggedIn(parts)
    await parts.service.control({ faults: [{ kind: 'timeout', endpoint: 'createOffer' }] })
    const asking = { token, key: 'k', body: anOffer() }
    const headers = { authorization: `Bearer ${token}`, 'idempotency-key': 'k' }
    await parts.service.handle({ method: 'POST', path: '/offers', headers })
    await ask(parts, 'POST', '/offers', asking)
    await ask(parts, 'POST', '/offers', { ...asking, body: anOffer({ amount: '1' }) })

    const { requests, calls, effects } = parts.service.log()

    assert.deepEqual(
      requests.map(({ endpoint, key, status }) => [endpoint, key, status]),
      [
        ['login', null, 200],
        ['createOffer', 'k', 'hang'],
        ['createOffer', 'k', 200],
        ['createOffer', 'k', 409]
      ]
    )
    assert.deepEqual(
      requests.map(({ sequence }) => sequence),
      [1, 2, 3, 4]
    )
    assert.equal(requests[0]?.at, '2026-01-05T08:00:00.000Z')
    assert.deepEqual(calls, { login: 1, createOffer: 3 })
    assert.equal(effects['offersCreated'], 1)
  })

  it('shows a request that is still open without a status', async () => {
    const parts = await aService()
    await parts.service.control({ faults: [{ kind: 'delay', ms: 1_000, endpoint: 'login' }] })
    const answer = ask(parts, 'POST', '/login', { body: { phone: ALICE } })

    assert.equal(parts.service.log().requests[0]?.status, null)
    parts.clock.advance(1_000)
    await answer

    assert.equal(parts.service.log().requests[0]?.status, 200)
  })

  it('holds the newest 1,000 requests and counts all', async () => {
    const parts = await aService()

    for (let turn = 0; turn < 1_001; turn += 1) {
      await ask(parts, 'POST', '/accounts/resolve')
    }

    const { requests, calls } = parts.service.log()
    assert.deepEqual([requests.length, requests[0]?.sequence], [1_000, 2])
    assert.deepEqual(calls, { resolveHandle: 1_001 })
  })
})

function manyFaults(): object[] {
  return Array.from({ length: 1_001 }, () => ({ kind: 'timeout', endpoint: 'login' }))
}
