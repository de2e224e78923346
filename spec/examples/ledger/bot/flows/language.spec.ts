import assert from 'node:assert/strict'
import { seed } from '../../../../../examples/ledger/service/seed.ts'
import { unfit } from '../../../../../lib/channel/whatsapp/unfit.ts'
import { aService } from '../../service/a-service.ts'
import { aliceAtMenu, MemberTalk } from '../member-talk.ts'

const offers = ['off-1', 'off-2', 'off-3'].map(offerId => ({
  offerId,
  issuerAccountId: 'acc-bob',
  receiverAccountId: 'acc-alice',
  amount: '1.00',
  denom: 'USD'
}))
const outgoing = {
  offerId: 'out-1',
  issuerAccountId: 'acc-alice',
  receiverAccountId: 'acc-bob',
  amount: '1.00',
  denom: 'USD'
}

async function aliceInSpanish(): Promise<MemberTalk> {
  const talk = await aliceAtMenu({}, { ...seed, offers: [...offers, outgoing] })
  await talk.types('idioma')
  await talk.taps('es')
  return talk
}

/** What a member sees of everything, in turn: typed or tapped, and all that came back. */
async function tour(talk: MemberTalk, steps: readonly (readonly ['type' | 'tap', string])[]) {
  const seen: string[] = []
  for (const [how, what] of steps) {
    seen.push(...(how === 'type' ? await talk.types(what) : await talk.taps(what)))
    assert.deepEqual(
      talk.heard.map(unfit).filter(problem => problem !== null),
      [],
      `${how} ${what}`
    )
  }
  return seen
}

describe('the language of a member', () => {
  it('is asked for by a word in any step, and drops what was begun', async () => {
    const talk = await aliceAtMenu()
    await talk.taps('offer')
    await talk.types('10')

    const [said] = await talk.types('Español')

    assert.match(said ?? '', /language/)
    assert.deepEqual([talk.place, talk.data], ['language.pickLanguage', {}])
    assert.deepEqual(talk.offered, ['en', 'es'])
    const [hello] = await talk.taps('es')
    assert.match(hello ?? '', /Saldos/)
    assert.equal(talk.place, 'menu.dashboard')
  })

  it('outlives greetings and the end of the session', async () => {
    const talk = await aliceInSpanish()
    assert.match((await talk.types('hello')).join(), /Saldos/)
    talk.nowMs += 300_000

    const [notice, menu] = await talk.types('x')

    assert.match(notice ?? '', /sesión terminó/)
    assert.match(menu ?? '', /Saldos/)
  })

  it('can be chosen by somebody who is no member yet', async () => {
    const talk = new MemberTalk(await aService(), '15550009009')
    await talk.types('language')
    const [said] = await talk.taps('es')
    assert.match(said ?? '', /Toque el botón/)
    assert.equal(talk.place, 'registration.welcome')
  })

  it('takes yes in Spanish for a signature', async () => {
    const talk = await aliceInSpanish()
    await tour(talk, [
      ['tap', 'offer'],
      ['type', '10'],
      ['type', 'bob_store']
    ])
    const [said] = await talk.types('Sí')
    assert.match(said ?? '', /enviada/)
    assert.equal(talk.effects['offersCreated'], 1)
  })

  it('is spoken everywhere, in messages that WhatsApp takes', async () => {
    const talk = await aliceInSpanish()
    const seen = await tour(talk, [
      ['type', 'x'],
      ['tap', 'offer'],
      ['type', 'x'],
      ['type', '1 EUR'],
      ['type', '1.234'],
      ['type', '60'],
      ['type', '5000 ZWG'],
      ['type', '10'],
      ['type', '!'],
      ['type', 'ghost'],
      ['type', 'alice'],
      ['type', 'bob_store'],
      ['type', 'quizás'],
      ['type', 'no'],
      ['tap', 'accept'],
      ['type', 'x'],
      ['tap', 'off-1'],
      ['tap', 'back'],
      ['tap', 'decline'],
      ['tap', 'off-2'],
      ['tap', 'back'],
      ['tap', 'cancel'],
      ['tap', 'out-1'],
      ['tap', 'ledger'],
      ['type', 'x'],
      ['tap', 'dashboard'],
      ['tap', 'upgrade'],
      ['type', 'sí']
    ])
    const english = /\b(the|you|your|please|offer|balance|which|choose|not|send)\b/i
    assert.deepEqual(
      seen.map(said => said.replace(/Send: language/, '')).filter(said => english.test(said)),
      []
    )
  })
})
