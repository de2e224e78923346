import assert from 'node:assert/strict'
import * as E from 'fp-ts/lib/Either.js'
import {
  type Answered,
  type LedgerClient,
  ledgerClient,
  type Refusal,
  type Sending
} from '../../../../../examples/ledger/bot/client/ledger-client.ts'
import { type LedgerRequest, requests } from '../../../../../examples/ledger/bot/client/requests.ts'
import { CallFailed } from '../../../../../lib/flow/index.ts'
import { Secret } from '../../../../../lib/kernel/secret.ts'
import { ALICE, type AService, anOffer, aService } from '../../service/a-service.ts'

const offerOf = (amount = '10.00') =>
  requests.createOffer({ issuer: 'acc-alice', receiver: 'acc-bob', amount, denom: 'USD' })

function sending(more: Partial<Sending> = {}): Sending {
  return { key: 'k', token: null, signal: new AbortController().signal, ...more }
}

/** How a request ended, in one word or with what the ledger refused. */
async function ended<A>(
  client: LedgerClient,
  request: LedgerRequest<A>,
  more: Partial<Sending> = {}
): Promise<string> {
  try {
    const result = await client.ask(request, sending(more))
    return E.isRight(result) ? 'yes' : result.left.code
  } catch (thrown) {
    assert.ok(thrown instanceof CallFailed, String(thrown))
    return thrown.failure.tag
  }
}

async function yes<A>(asked: Promise<E.Either<Refusal, Answered<A>>>): Promise<Answered<A>> {
  const result = await asked
  return E.isRight(result) ? result.right : assert.fail(`refused: ${result.left.code}`)
}

describe('the ledger client', () => {
  let parts: AService
  let client: LedgerClient
  let token: Secret | null

  beforeEach(async () => {
    parts = await aService()
    const { url } = await parts.service.listen()
    client = ledgerClient({ url })
    token = (await yes(client.ask(requests.login(ALICE), sending()))).token
  })
  afterEach(() => parts.service.close())

  const effects = () => parts.service.log().effects['offersCreated']
  const arm = async (fault: object) => {
    const armed = await parts.service.control({ faults: [{ endpoint: 'createOffer', ...fault }] })
    assert.equal(armed._tag, 'Right')
  }

  it('logs in without a token and gets one, with what the ledger knows', async () => {
    const { answer, token: got } = await yes(client.ask(requests.login(ALICE), sending()))

    assert.equal(answer.dashboard.member.memberId, 'm-alice')
    assert.match(got?.reveal() ?? '', /^tok-/)
  })

  it('sends key and token, and decodes the answer', async () => {
    const { answer } = await yes(client.ask(offerOf(), sending({ token })))

    assert.equal(answer.action.details.offer.amount, '10.00')
    assert.equal(effects(), 1)
    const seen = parts.service.log().requests.at(-1)
    assert.deepEqual([seen?.endpoint, seen?.key, seen?.status], ['createOffer', 'k', 200])
  })

  it('repeats with the same key without doing it twice', async () => {
    const one = await yes(client.ask(offerOf(), sending({ token })))
    const other = await yes(client.ask(offerOf(), sending({ token })))

    assert.deepEqual(other.answer.action, one.answer.action)
    assert.equal(effects(), 1)
  })

  it('gives the refusals of the ledger as values', async () => {
    assert.equal(await ended(client, requests.login('nobody')), 'NOT_FOUND')
    assert.equal(await ended(client, requests.resolveHandle('ghost'), { token }), 'NOT_FOUND')
    assert.equal(await ended(client, offerOf('60.00'), { token }), 'LIMIT_EXCEEDED')
    assert.equal(await ended(client, offerOf('x'), { token, key: 'l' }), 'VALIDATION')
  })

  it('takes another request under a used key for a bad answer', async () => {
    await ended(client, offerOf('1.00'), { token })

    assert.equal(await ended(client, offerOf('2.00'), { token }), 'badAnswer')
    assert.equal(effects(), 1)
  })

  it('is unauthorised without a token, and with one that is over', async () => {
    await parts.service.control({ revokeTokens: 'all' })

    assert.equal(await ended(client, offerOf(), { token }), 'unauthorised')
    assert.equal(await ended(client, offerOf()), 'unauthorised')
  })

  // The fault, how the request ends, and whether the offer was made all the same.
  const faults: readonly (readonly [object, string, number])[] = [
    [{ kind: 'refuse' }, 'unknown', 0],
    [{ kind: 'resetBeforeCommit' }, 'unknown', 0],
    [{ kind: 'resetAfterCommit' }, 'unknown', 1],
    [{ kind: 'http401' }, 'unauthorised', 0],
    [{ kind: 'http429' }, 'unavailable', 0],
    [{ kind: 'http500' }, 'unknown', 0],
    [{ kind: 'http502' }, 'unknown', 0],
    [{ kind: 'http503' }, 'unknown', 0],
    [{ kind: 'http503', afterCommit: true }, 'unknown', 1],
    [{ kind: 'html' }, 'badAnswer', 0],
    [{ kind: 'html', afterCommit: true }, 'badAnswer', 1],
    [{ kind: 'truncatedJson' }, 'badAnswer', 1],
    [{ kind: 'missingField', field: 'dashboard.member.tier' }, 'badAnswer', 1],
    [{ kind: 'missingField', field: 'action', renamedTo: 'deed' }, 'badAnswer', 1],
    [{ kind: 'emptyDashboard' }, 'badAnswer', 1]
  ]
  for (const [fault, outcome, made] of faults)
    it(`${JSON.stringify(fault)} is ${outcome}, and the repeat makes one offer`, async () => {
      await arm(fault)

      assert.equal(await ended(client, offerOf(), { token }), outcome)

      assert.equal(effects(), made)
      assert.equal(await ended(client, offerOf(), { token }), 'yes')
      assert.equal(effects(), 1)
    })

  for (const kind of ['timeout', 'timeoutAfterCommit'])
    it(`${kind} ends when the given signal says so, and is unknown`, async () => {
      await arm({ kind })
      const limit = new AbortController()
      const result = ended(client, offerOf(), { token, signal: limit.signal })
      while (parts.service.log().requests.at(-1)?.status !== 'hang') await turn()

      limit.abort()

      assert.equal(await result, 'unknown')
      assert.equal(effects(), kind === 'timeout' ? 0 : 1)
    })

  it('a login answered without a token is a bad answer (B20)', async () => {
    await parts.service.control({ faults: [{ endpoint: 'login', kind: 'noToken' }] })

    assert.equal(await ended(client, requests.login(ALICE)), 'badAnswer')
  })

  it('a login refused by its status is a service out of order, not a token refused', async () => {
    await parts.service.control({ faults: [{ endpoint: 'login', kind: 'http401' }] })

    assert.equal(await ended(client, requests.login(ALICE)), 'unavailable')
  })

  for (const where of ['body', 'header'] as const)
    it(`finds a renewed token in the ${where} of an answer`, async () => {
      await parts.service.control({ switches: { renewTokens: where } })

      const { token: renewed } = await yes(client.ask(offerOf(), sending({ token })))

      assert.match(renewed?.reveal() ?? '', /^tok-/)
      assert.notEqual(renewed?.reveal(), token?.reveal())
      assert.equal(await ended(client, offerOf(), { token: renewed }), 'yes')
    })

  it('never shows a token where an answer is printed', async () => {
    const answered = await yes(client.ask(requests.login(ALICE), sending()))

    assert.equal(JSON.stringify(answered.token), '"[redacted]"')
  })

  it('finds nobody at a closed door: nothing was sent', async () => {
    await parts.service.close()

    assert.equal(await ended(client, offerOf(), { token }), 'unavailable')
  })

  it('knows an offer as the ledger wants it', () => {
    assert.deepEqual(offerOf().body, anOffer())
  })
})

/** Lets what is under way on sockets go on. */
function turn(): Promise<void> {
  return new Promise(resolve => {
    setImmediate(resolve)
  })
}
