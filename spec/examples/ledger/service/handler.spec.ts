import assert from 'node:assert/strict'
import { standardRules } from '../../../../examples/ledger/service/book/rules.ts'
import { ALICE, anOffer, aService, ask, BOB, loggedIn, textAt } from './a-service.ts'

const offers = { method: 'POST', path: '/offers' } as const

describe('a request', () => {
  const bad: readonly (readonly [string, string, string, object, number, string])[] = [
    ['to a path that is not there', 'GET', '/nowhere', {}, 404, 'UNKNOWN_PATH'],
    ['to half a path', 'POST', '/offers/off-1', {}, 404, 'UNKNOWN_PATH'],
    ['with a path that cannot be decoded', 'POST', '/offers/%zz/accept', {}, 404, 'UNKNOWN_PATH'],
    ['with the wrong method', 'GET', '/offers', {}, 405, 'WRONG_METHOD'],
    ['with half a JSON', 'POST', '/login', { body: '{"phone"' }, 400, 'MALFORMED'],
    ['with no body where one is needed', 'POST', '/login', {}, 422, 'VALIDATION'],
    ['with a body that is no object', 'POST', '/login', { body: 'null' }, 422, 'VALIDATION'],
    ['with a field of the wrong kind', 'POST', '/login', { body: { phone: 7 } }, 422, 'VALIDATION'],
    ['that is too large', 'POST', '/login', { body: 'x'.repeat(65_537) }, 413, 'TOO_LARGE'],
    [
      'without a token',
      'POST',
      '/accounts/resolve',
      { body: { handle: 'a' } },
      401,
      'UNAUTHORIZED'
    ],
    [
      'with a token of nobody',
      'POST',
      '/offers',
      { token: 'tok-x', key: 'k' },
      401,
      'UNAUTHORIZED'
    ],
    ['for an unknown member', 'POST', '/login', { body: { phone: '1' } }, 404, 'NOT_FOUND']
  ]
  for (const [what, method, path, asking, status, code] of bad)
    it(`${what} gets ${status} ${code} and a word of advice`, async () => {
      const parts = await aService()

      const told = await ask(parts, method, path, asking)

      assert.deepEqual([told.status, told.json['error']?.['code']], [status, code])
      assert.match(told.headers['content-type'] ?? '', /^application\/json/)
      assert.ok(textAt(told.json, 'error', 'message').length > 10)
    })

  it('names the method to use, and the scheme of the token', async () => {
    const parts = await aService()

    const wrong = await ask(parts, 'DELETE', '/offers')
    const unknown = await ask(parts, 'POST', '/offers', { key: 'k' })

    assert.equal(wrong.headers['allow'], 'POST')
    assert.equal(unknown.headers['www-authenticate'], 'Bearer')
  })

  it('names the field that does not fit, and never its value', async () => {
    const parts = await aService()
    const token = await loggedIn(parts)
    const body = anOffer({ amount: 1_234_567 })

    const told = await ask(parts, 'POST', '/offers', { token, key: 'k', body })

    assert.equal(told.json['error']?.['field'], 'amount')
    assert.ok(!told.text.includes('1234567'))
  })

  it('at the size bound is read', async () => {
    const parts = await aService()
    const body = JSON.stringify({ phone: ALICE }).padEnd(65_536)

    const told = await ask(parts, 'POST', '/login', { body })

    assert.equal(told.status, 200)
  })
})

describe('an idempotency key', () => {
  it('is needed for a change', async () => {
    const parts = await aService()
    const token = await loggedIn(parts)

    for (const key of [undefined, '', 'two words', 'x'.repeat(201)]) {
      const told = await ask(parts, 'POST', '/offers', {
        token,
        body: anOffer(),
        ...(key !== undefined && { key })
      })
      assert.deepEqual([told.status, told.json['error']?.['code']], [400, 'KEY_REQUIRED'])
    }
    assert.equal(parts.service.log().effects['offersCreated'], 0)
  })

  it('makes a repeat answer the same action, once done', async () => {
    const parts = await aService()
    const asking = { token: await loggedIn(parts), key: 'k', body: anOffer() }

    const first = await ask(parts, 'POST', '/offers', asking)
    parts.clock.advance(60_000)
    const again = await ask(parts, 'POST', '/offers', asking)

    assert.deepEqual(again.json, first.json)
    assert.equal(parts.service.log().effects['offersCreated'], 1)
  })

  it('makes requests at the same instant one effect', async () => {
    const parts = await aService()
    const asking = { token: await loggedIn(parts), key: 'k', body: anOffer() }

    const told = await Promise.all(
      Array.from({ length: 8 }, () => ask(parts, 'POST', '/offers', asking))
    )

    assert.equal(new Set(told.map(({ text }) => text)).size, 1)
    assert.equal(parts.service.log().effects['offersCreated'], 1)
  })

  it('does not mind the order of fields, blanks, or another token of the member', async () => {
    const parts = await aService()
    const { issuer, receiver, amount, denom } = anOffer()
    const body = JSON.stringify({ denom, amount, receiver, issuer }, null, 2)

    const first = await ask(parts, 'POST', '/offers', {
      token: await loggedIn(parts),
      key: 'k',
      body: anOffer()
    })
    const again = await ask(parts, 'POST', '/offers', {
      token: await loggedIn(parts),
      key: 'k',
      body
    })

    assert.deepEqual(again.json['action'], first.json['action'])
  })

  it('is a conflict with another body, another path, and another member', async () => {
    const parts = await aService()
    const token = await loggedIn(parts)
    const { json } = await ask(parts, 'POST', '/offers', { token, key: 'k', body: anOffer() })
    const offerId = textAt(json, 'action', 'details', 'offer', 'offerId')
    await ask(parts, 'POST', '/offers/off-none/decline', { token, key: 'empty' })

    const others = [
      await ask(parts, 'POST', `/offers/${offerId}/cancel`, { token, key: 'empty' }),
      await ask(parts, 'POST', '/offers', { token, key: 'k', body: anOffer({ amount: '1' }) }),
      await ask(parts, 'POST', `/offers/${offerId}/cancel`, { token, key: 'k' }),
      await ask(parts, 'POST', '/offers', {
        token: await loggedIn(parts, BOB),
        key: 'k',
        body: anOffer()
      })
    ]

    for (const told of others) {
      assert.deepEqual([told.status, told.json['error']?.['code']], [409, 'CONFLICT'])
    }
    assert.deepEqual(
      [
        parts.service.log().effects['offersCreated'],
        parts.service.log().effects['offersCancelled']
      ],
      [1, 0]
    )
  })

  it('keeps a refusal, too: a late repeat cannot do what was refused', async () => {
    const parts = await aService()
    const token = await loggedIn(parts)
    const asking = { token, key: 'k', body: anOffer({ amount: '51' }) }
    const first = await ask(parts, 'POST', '/offers', asking)
    await parts.service.control({ advanceClockMs: 86_400_000 })

    const again = await ask(parts, 'POST', '/offers', {
      ...asking,
      token: await loggedIn(parts)
    })

    assert.equal(first.json['error']?.['code'], 'LIMIT_EXCEEDED')
    assert.deepEqual(again.json, first.json)
  })

  it('of a registration answers the same member with a token that is good', async () => {
    const parts = await aService()
    const body = { firstName: 'Tariro', lastName: 'Sibanda', phone: '777', defaultDenom: 'USD' }

    const first = await ask(parts, 'POST', '/members', { key: 'r', body })
    parts.clock.advance(400_000)
    const again = await ask(parts, 'POST', '/members', { key: 'r', body })

    assert.deepEqual(again.json['action'], first.json['action'])
    const token = textAt(again.json, 'token')
    const resolve = { token, body: { handle: 'bob_store' } }
    assert.equal((await ask(parts, 'POST', '/accounts/resolve', resolve)).status, 200)
    assert.equal(parts.service.log().effects['membersCreated'], 1)
  })

  it('finds its outcome by GET /operations, for the member who made it', async () => {
    const parts = await aService()
    const token = await loggedIn(parts)
    const made = await ask(parts, 'POST', '/offers', { token, key: 'k/1', body: anOffer() })
    const read = async (key: string, whose: string) => {
      const { json } = await ask(parts, 'GET', `/operations/${key}`, { token: whose })
      return json['action']?.['details']?.['outcome']
    }

    assert.deepEqual(await read('k%2F1', token), { action: made.json['action'] })
    assert.equal(await read('other', token), null)
    assert.equal(await read('k%2F1', await loggedIn(parts, BOB)), null)
  })

  it('does nothing while keys are ignored', async () => {
    const parts = await aService()
    const token = await loggedIn(parts)
    await parts.service.control({ switches: { ignoreIdempotency: true } })

    await ask(parts, 'POST', '/offers', { token, key: 'k', body: anOffer() })
    await ask(parts, 'POST', '/offers', { token, key: 'k', body: anOffer() })
    await ask(parts, 'POST', '/offers', { token, body: anOffer() })

    assert.equal(parts.service.log().effects['offersCreated'], 3)
  })

  it('is shed, not forgotten, when too many young ones are kept', async () => {
    const bounds = { ...standardRules.bounds, operationsMax: 2 }
    const parts = await aService({ rules: { bounds } })
    const token = await loggedIn(parts)
    const make = async (key: string, whose = token) =>
      (await ask(parts, 'POST', '/offers', { token: whose, key, body: anOffer() })).status

    assert.deepEqual([await make('1'), await make('2'), await make('3')], [200, 200, 503])
    assert.equal(await make('1'), 200)
    parts.clock.advance(bounds.operationsKeptMs + 1)

    const later = await loggedIn(parts)
    assert.equal(await make('3', later), 200)
    assert.equal(parts.service.log().effects['offersCreated'], 3)
    const old = await ask(parts, 'GET', '/operations/1', { token: later })
    assert.equal(old.json['action']?.['details']?.['outcome'], null)
  })
})

describe('a token', () => {
  const resolve = async (parts: Awaited<ReturnType<typeof aService>>, token: string) =>
    ask(parts, 'POST', '/accounts/resolve', { token, body: { handle: 'bob_store' } })

  it('is over after 300 s without a request', async () => {
    const parts = await aService()
    const token = await loggedIn(parts)

    parts.clock.advance(299_999)
    assert.equal((await resolve(parts, token)).status, 200)
    parts.clock.advance(300_000)

    assert.equal((await resolve(parts, token)).status, 401)
  })

  for (const [where, find] of [
    ['body', told => told.json['token']],
    ['header', told => told.headers['authorization']?.replace('Bearer ', '')]
  ] as readonly (readonly [string, (told: Awaited<ReturnType<typeof ask>>) => unknown])[])
    it(`is renewed with each answer, in the ${where}, when that is switched on`, async () => {
      const parts = await aService()
      const token = await loggedIn(parts)
      assert.equal(find(await resolve(parts, token)), undefined)
      await parts.service.control({ switches: { renewTokens: where } })

      const renewed = String(find(await resolve(parts, token)))

      assert.match(renewed, /^tok-/)
      assert.notEqual(renewed, token)
      await parts.service.control({ switches: { renewTokens: 'none' } })
      assert.equal((await resolve(parts, renewed)).status, 200)
    })
})

describe('the log of the process', () => {
  it('says how requests ended, and nothing about whom and how much', async () => {
    const parts = await aService()
    const token = await loggedIn(parts)
    await ask(parts, offers.method, offers.path, { token, key: 'k-1', body: anOffer() })

    const lines = parts.logger.lines.join('\n')

    assert.match(lines, /"event":"ledger.answered","endpoint":"createOffer","status":200/)
    for (const secret of [ALICE, token, 'Alice', 'Moyo', '10.00', 'acc-', 'k-1']) {
      assert.ok(!lines.includes(secret), secret)
    }
  })
})
