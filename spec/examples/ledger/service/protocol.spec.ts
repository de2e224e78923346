import assert from 'node:assert/strict'
import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import * as protocol from '../../../../examples/ledger/service/protocol.ts'
import { ALICE, anOffer, aService, ask, BOB, loggedIn, type Told, textAt } from './a-service.ts'

/** What the codec keeps must be all that the service sent: a client loses nothing by decoding. */
function fits<A, O>(codec: t.Type<A, O>, told: Told): void {
  const decoded = codec.decode(told.json)
  if (E.isLeft(decoded)) assert.fail(told.text)
  assert.deepEqual(codec.encode(decoded.right), told.json)
}

describe('the codecs of the protocol', () => {
  it('decode every answer of the service, whole', async () => {
    const parts = await aService()
    const alice = { token: await loggedIn(parts) }
    const bob = { token: await loggedIn(parts, BOB) }
    const make = async (key: string) =>
      ask(parts, 'POST', '/offers', { ...alice, key, body: anOffer() })
    const idOf = (told: Told) => textAt(told.json, 'action', 'details', 'offer', 'offerId')
    const [first, second, third, fourth] = [
      await make('1'),
      await make('2'),
      await make('3'),
      await make('4')
    ]
    const settle = (told: Told, verb: string, who: { token: string }) =>
      ask(parts, 'POST', `/offers/${idOf(told)}/${verb}`, { ...who, key: `${verb}-${idOf(told)}` })

    fits(protocol.LoginAnswer, await ask(parts, 'POST', '/login', { body: { phone: ALICE } }))
    fits(protocol.OfferCreatedAnswer, first)
    fits(protocol.OfferAcceptedAnswer, await settle(first, 'accept', bob))
    fits(protocol.OfferDeclinedAnswer, await settle(second, 'decline', bob))
    fits(protocol.OfferCancelledAnswer, await settle(third, 'cancel', alice))
    fits(protocol.ErrorAnswer, await settle(first, 'cancel', alice))
    fits(
      protocol.AcceptAllAnswer,
      await ask(parts, 'POST', '/offers/accept-all', {
        ...bob,
        key: 'all',
        body: { ids: [idOf(fourth), idOf(first)] }
      })
    )
    fits(
      protocol.ResolveAnswer,
      await ask(parts, 'POST', '/accounts/resolve', { ...alice, body: { handle: 'bob_store' } })
    )
    fits(
      protocol.UpgradeAnswer,
      await ask(parts, 'POST', '/members/m-alice/upgrade', {
        ...alice,
        key: 'up',
        body: { accountId: 'acc-alice' }
      })
    )
    fits(
      protocol.LedgerPageAnswer,
      await ask(parts, 'GET', '/accounts/acc-alice/ledger?startRow=0&numRows=7', alice)
    )
    fits(protocol.OperationAnswer, await ask(parts, 'GET', '/operations/1', alice))
    fits(protocol.OperationAnswer, await ask(parts, 'GET', '/operations/none', alice))
    const body = { firstName: 'Tariro', lastName: 'Sibanda', phone: '777', defaultDenom: 'USD' }
    fits(protocol.RegisterAnswer, await ask(parts, 'POST', '/members', { key: 'r', body }))
  })

  it('refuse a sign-in that brings no token, and an empty dashboard', async () => {
    const parts = await aService()
    await parts.service.control({
      faults: [
        { kind: 'noToken', endpoint: 'login' },
        { kind: 'emptyDashboard', endpoint: 'login' },
        { kind: 'missingField', endpoint: 'login', field: 'dashboard.member.tier' }
      ]
    })

    for (let turn = 0; turn < 3; turn += 1) {
      const { json } = await ask(parts, 'POST', '/login', { body: { phone: ALICE } })
      assert.ok(E.isLeft(protocol.LoginAnswer.decode(json)))
    }
    const { json } = await ask(parts, 'POST', '/login', { body: { phone: ALICE } })
    assert.ok(E.isRight(protocol.LoginAnswer.decode(json)))
  })
})
