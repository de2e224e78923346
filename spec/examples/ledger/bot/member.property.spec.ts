import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ledgerBot, ledgerClient } from '../../../../examples/ledger/bot/ledger-bot.ts'
import { seed } from '../../../../examples/ledger/service/seed.ts'
import { unfit } from '../../../../lib/channel/whatsapp/unfit.ts'
import { aService } from '../service/a-service.ts'
import { MemberTalk } from './member-talk.ts'

const user = fc.constantFrom('15550001001', '15550002002', '15550003003', '15550009009')
const said = fc.constantFrom(
  'hi',
  'menu',
  'yes',
  'no',
  '5',
  '0.01 xau',
  'zwg 5',
  '10.999',
  'bob_store',
  '@alice',
  'carol_farm',
  'ghost',
  'Tariro',
  'Sibanda',
  'x'
)
const fault = fc.record({
  endpoint: fc.constantFrom('login', 'resolveHandle', 'createOffer', 'acceptOffer', 'readLedger'),
  kind: fc.constantFrom('http401', 'http503', 'timeoutAfterCommit', 'html', 'truncatedJson'),
  times: fc.integer({ min: 1, max: 4 })
})
/** What a member who means well types where nothing can be tapped. */
const fitting: Readonly<Record<string, readonly string[]>> = {
  amount: ['5', '0.01 xau', 'zwg 5'],
  handle: ['bob_store', '@alice', 'carol_farm'],
  firstName: ['Tariro'],
  lastName: ['Sibanda']
}
// A member answers well, types anything, sends what cannot be read, or the ledger fails.
const deed = fc.oneof(
  { weight: 14, arbitrary: fc.record({ answer: fc.nat(9) }) },
  { weight: 4, arbitrary: fc.record({ text: said }) },
  { weight: 1, arbitrary: fc.record({ unsupported: fc.constant('sticker') }) },
  { weight: 2, arbitrary: fc.record({ fault }) }
)

async function answer(talk: MemberTalk, nth: number): Promise<void> {
  const { offered } = talk
  const option = offered[nth % offered.length]
  if (option !== undefined) return void (await talk.taps(option))
  const texts = fitting[talk.state.flow.step] ?? ['hi']
  await talk.types(texts[nth % texts.length] ?? 'hi')
}

const content = {
  ...seed,
  offers: [1, 2, 3].map(at => ({
    offerId: `off-${at}`,
    issuerAccountId: 'acc-bob',
    receiverAccountId: 'acc-alice',
    amount: `${at}.00`,
    denom: 'USD',
    status: 'PENDING' as const
  })),
  ledger: { 'acc-alice': { rows: 20 } }
}

describe('whatever a member does', () => {
  it('is answered within the limits of the channel, and ends at a step that waits', async () => {
    const places = new Set<string>()
    await fc.assert(
      fc.asyncProperty(
        user,
        fc.array(deed, { minLength: 10, maxLength: 40 }),
        async (who, deeds) => {
          const talk = new MemberTalk(await aService({ content }), who)
          await talk.types('hi')
          for (const one of deeds) {
            if ('fault' in one) await talk.meets(one.fault)
            else if ('text' in one) await talk.types(one.text)
            else if ('unsupported' in one) await talk.sends(one.unsupported)
            else await answer(talk, one.answer)

            places.add(talk.place)
            assert.equal(talk.program.invalid(talk.state), null)
            assert.ok(talk.program.record.is(talk.state))
            const standing = talk.state.calls.map(call => call.unresolved ?? call.name)
            assert.deepEqual(
              standing.filter(each => each !== 'open' && each !== 'left'),
              []
            )
            if (!('fault' in one)) assert.ok(talk.heard.length >= 1 && talk.heard.length <= 3)
            for (const reply of talk.heard) assert.equal(unfit(reply), null)
            const { step, prompt } = talk.state.flow
            assert.equal(prompt?.step ?? 'none', step)
          }
        }
      ),
      { numRuns: 100 }
    )
    const waiting = ['offer.confirm', 'settle.pickOffer', 'settleAll.confirmAll', 'ledger.ledger']
    for (const place of waiting) assert.ok(places.has(place), `never at ${place}`)
  })

  it('is decided the same again from the same state', async () => {
    const bot = ledgerBot({ ledger: ledgerClient({ url: 'http://ledger.invalid' }) })
    await fc.assert(
      fc.asyncProperty(user, fc.array(said, { maxLength: 12 }), async (who, texts) => {
        const talk = new MemberTalk(await aService({ content }), who)
        for (const text of ['hi', ...texts]) {
          const event = {
            kind: 'Inbound',
            id: talk.nextId(),
            content: { kind: 'text', text },
            arrivedAtMs: talk.nowMs
          } as const

          const one = talk.program.decide(talk.state, event, talk.at())

          assert.deepEqual(bot.decide(talk.state, event, talk.at()), one)
          await talk.types(text)
        }
      }),
      { numRuns: 30 }
    )
  })
})
