import assert from 'node:assert/strict'
import type { LedgerResult } from '../../../../examples/ledger/service/reply.ts'
import { ALICE, type AService, anOffer, aService, ask, BOB, loggedIn } from './a-service.ts'

/** A service with one armed fault, and a way to make the one offer that meets it. */
async function aFaultyService(fault: object) {
  const parts = await aService()
  const token = await loggedIn(parts)
  const armed = await parts.service.control({ faults: [{ endpoint: 'createOffer', ...fault }] })
  assert.equal(armed._tag, 'Right')
  const make = (key = 'k'): Promise<LedgerResult> =>
    parts.service.handle({
      method: 'POST',
      path: '/offers',
      headers: { authorization: `Bearer ${token}`, 'idempotency-key': key },
      body: JSON.stringify(anOffer())
    })
  return { ...parts, token, make }
}

function offersMade({ service }: Pick<AService, 'service'>): unknown {
  return service.log().effects['offersCreated']
}

describe('a fault', () => {
  const withoutAnswer: readonly (readonly [string, object, number])[] = [
    ['refuse', { refuse: true }, 0],
    ['resetBeforeCommit', { reset: true }, 0],
    ['resetAfterCommit', { reset: true }, 1],
    ['timeout', { hang: true }, 0],
    ['timeoutAfterCommit', { hang: true }, 1]
  ]
  for (const [kind, expected, made] of withoutAnswer)
    it(`${kind}: no answer, and ${made} offer; the repeat with the key makes it one`, async () => {
      const parts = await aFaultyService({ kind })

      const result = await parts.make()

      assert.deepEqual(result, expected)
      assert.equal(offersMade(parts), made)
      const again = await parts.make()
      assert.equal('status' in again && again.status, 200)
      assert.equal(offersMade(parts), 1)
    })

  const withStatus: readonly (readonly [object, number, number])[] = [
    [{ kind: 'http401' }, 401, 0],
    [{ kind: 'http429', retryAfterSeconds: 7 }, 429, 0],
    [{ kind: 'http500' }, 500, 0],
    [{ kind: 'http502' }, 502, 0],
    [{ kind: 'http503' }, 503, 0],
    [{ kind: 'html' }, 200, 0],
    [{ kind: 'http500', afterCommit: true }, 500, 1],
    [{ kind: 'http502', afterCommit: true }, 502, 1],
    [{ kind: 'http503', afterCommit: true }, 503, 1],
    [{ kind: 'html', afterCommit: true }, 200, 1],
    [{ kind: 'truncatedJson' }, 200, 1]
  ]
  for (const [fault, status, made] of withStatus)
    it(`${JSON.stringify(fault)}: ${status}, ${made} offer, none of it kept`, async () => {
      const parts = await aFaultyService(fault)

      const result = await parts.make()

      assert.ok('status' in result)
      assert.equal(result.status, status)
      assert.equal(offersMade(parts), made)
      const again = await parts.make()
      assert.ok('status' in again)
      assert.equal(again.status, 200)
      assert.match(again.body, /^\{"action":.*\}$/)
      assert.equal(offersMade(parts), 1)
    })

  it('http429 says when to come back', async () => {
    const parts = await aFaultyService({ kind: 'http429', retryAfterSeconds: 7 })

    const result = await parts.make()

    assert.ok('status' in result)
    assert.equal(result.headers['retry-after'], '7')
  })

  it('html and truncatedJson are what a client cannot parse', async () => {
    for (const kind of ['html', 'truncatedJson']) {
      const parts = await aFaultyService({ kind })

      const result = await parts.make()

      assert.ok('status' in result)
      assert.throws(() => JSON.parse(result.body) as unknown, SyntaxError)
    }
  })

  it('missingField takes a field out of a committed answer, or gives it another name', async () => {
    const field = 'dashboard.accounts.0.handle'
    const gone = await aFaultyService({ kind: 'missingField', field })
    const renamed = await aFaultyService({
      kind: 'missingField',
      field,
      renamedTo: 'accountHandle'
    })
    const account = async ({ make }: typeof gone) => {
      const result = await make()
      assert.ok('status' in result)
      const { dashboard } = JSON.parse(result.body) as { dashboard: { accounts: object[] } }
      return dashboard.accounts[0]
    }

    const [one, other] = [await account(gone), await account(renamed)]

    assert.ok(one !== undefined && !('handle' in one))
    assert.ok(other !== undefined && !('handle' in other) && 'accountHandle' in other)
    assert.deepEqual([offersMade(gone), offersMade(renamed)], [1, 1])
  })

  it('emptyDashboard and noToken empty what the answer would have brought', async () => {
    const parts = await aService()
    await parts.service.control({
      faults: [
        { kind: 'emptyDashboard', endpoint: 'login' },
        { kind: 'noToken', endpoint: 'login' }
      ]
    })
    const login = () => ask(parts, 'POST', '/login', { body: { phone: ALICE } })

    assert.deepEqual((await login()).json['dashboard'], {})
    assert.equal((await login()).json['token'], undefined)
  })

  it('slowHeaders marks the answer for the transport', async () => {
    const parts = await aFaultyService({ kind: 'slowHeaders', ms: 1_500 })

    const result = await parts.make()

    assert.equal('status' in result && result.slowHeadersMs, 1_500)
    assert.equal(offersMade(parts), 1)
  })

  for (const [fault, code] of [
    [{ kind: 'notFound' }, 'NOT_FOUND'],
    [{ kind: 'business', code: 'INSUFFICIENT_BALANCE' }, 'INSUFFICIENT_BALANCE']
  ] as const)
    it(`${fault.kind} is the ledger saying ${code}: it is kept under the key`, async () => {
      const parts = await aFaultyService(fault)

      const results = [await parts.make(), await parts.make()]

      for (const result of results) {
        assert.ok('status' in result)
        assert.match(result.body, new RegExp(`"code":"${code}"`))
      }
      assert.equal(offersMade(parts), 0)
      const fresh = await parts.make('k2')
      assert.equal('status' in fresh && fresh.status, 200)
    })

  it('partial lets the named ids of an accept-all fail and leaves them pending', async () => {
    const parts = await aFaultyService({ kind: 'delay', ms: 0 })
    for (const key of ['1', '2', '3']) await parts.make(key)
    const ids = parts.service.log().offers.map(({ offerId }) => offerId)
    await parts.service.control({
      faults: [{ kind: 'partial', endpoint: 'acceptAll', failOfferIds: ids.slice(1, 2) }]
    })

    const { json } = await ask(parts, 'POST', '/offers/accept-all', {
      token: await loggedIn(parts, BOB),
      key: 'all',
      body: { ids }
    })

    const results = json['action']?.['details']?.['results'] as unknown as { accepted: boolean }[]
    assert.deepEqual(
      results.map(({ accepted }) => accepted),
      [true, false, true]
    )
    const statuses = parts.service.log().offers.map(({ status }) => status)
    assert.deepEqual(statuses, ['ACCEPTED', 'PENDING', 'ACCEPTED'])
    assert.equal(parts.service.log().effects['offersAccepted'], 2)
  })
})

describe('a delay', () => {
  for (const [when, made] of [
    ['before', 0],
    ['after', 1]
  ] as const)
    it(`${when} the commit waits on the clock it was given`, async () => {
      const parts = await aFaultyService({ kind: 'delay', ms: 35_000, when })
      let answered = false
      const answer = parts.make().then(result => {
        answered = true
        return result
      })
      await turns()

      parts.clock.advance(34_999)
      await turns()
      assert.deepEqual([answered, offersMade(parts)], [false, made])
      parts.clock.advance(1)

      const result = await answer
      assert.equal('status' in result && result.status, 200)
      assert.equal(offersMade(parts), 1)
    })

  it('goes before a failure of the same request', async () => {
    const parts = await aFaultyService({ kind: 'delay', ms: 1_000 })
    await parts.service.control({ faults: [{ kind: 'timeout', endpoint: 'createOffer' }] })
    const answer = parts.make()
    await turns()

    parts.clock.advance(1_000)

    assert.deepEqual(await answer, { hang: true })
  })

  it('never goes on after the service was closed', async () => {
    const parts = await aFaultyService({ kind: 'delay', ms: 1_000 })
    void parts.make()
    await turns()

    await parts.service.close()

    assert.equal(parts.clock.waiting, 0)
    assert.equal(offersMade(parts), 0)
    assert.deepEqual(await parts.make(), { refuse: true })
  })
})

describe('an armed fault', () => {
  it('meets as many requests as it says, one by default', async () => {
    const parts = await aFaultyService({ kind: 'http503', times: 2 })

    const statuses = [await parts.make(), await parts.make(), await parts.make()].map(
      result => 'status' in result && result.status
    )

    assert.deepEqual(statuses, [503, 503, 200])
  })

  it('lasts until it is cleared when it says always', async () => {
    const parts = await aFaultyService({ kind: 'http503', times: 'always' })
    for (let turn = 0; turn < 5; turn += 1) {
      const result = await parts.make()
      assert.equal('status' in result && result.status, 503)
    }

    await parts.service.control({ clearFaults: true })

    const result = await parts.make()
    assert.equal('status' in result && result.status, 200)
  })

  it('meets only its endpoint and its member', async () => {
    const parts = await aService()
    await parts.service.control({
      faults: [
        { kind: 'http503', endpoint: 'login', phone: BOB },
        { kind: 'http502', endpoint: 'resolveHandle', phone: ALICE }
      ]
    })
    const login = async (phone: string) =>
      (await ask(parts, 'POST', '/login', { body: { phone } })).status
    const token = await loggedIn(parts)

    assert.deepEqual([await login(ALICE), await login(BOB), await login(BOB)], [200, 503, 200])
    const body = { handle: 'bob_store' }
    assert.equal((await ask(parts, 'POST', '/accounts/resolve', { token, body })).status, 502)
  })
})

/** Lets everything run that waits for no clock. */
function turns(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
