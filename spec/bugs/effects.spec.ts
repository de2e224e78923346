import { seed } from '../../examples/ledger/service/seed.ts'
import { begun, confirming } from '../examples/ledger/transcript/a-case.ts'
import { at, failing, holds } from './played.ts'

const MENU = 'MENU.dashboard'
const sent = at(MENU, ['sent', 'balance'], { effects: { offersCreated: 1 } })
const offers = Array.from({ length: 12 }, (_, index) => ({
  offerId: `off-${index + 1}`,
  issuerAccountId: 'acc-bob',
  receiverAccountId: 'acc-alice',
  amount: '1.00',
  denom: 'USD'
}))

describe('what the ledger bot does in the ledger', () => {
  it('B18: is not begun by a number that is typed at the menu', async () => {
    const menu = at(MENU, ['list'], { calls: { createOffer: 0, acceptOffer: 0 } })
    await holds([begun[0]!, [{ id: 'm2', at: 4_000, text: '1' }, menu]], {
      final: { effects: { offersCreated: 0 } }
    })
  })

  for (const no of [{ button: 'cancel', of: 'm4' }, { text: 'No' }, { text: '0' }])
    it(`B19: is nothing at all after ${JSON.stringify(no)}`, async () => {
      const nothing = at(MENU, ['nothing', 'balance'], { calls: { createOffer: 0 } })
      await holds([...confirming, [{ id: 'm5', at: 16_000, ...no }, nothing]])
    })

  it('B16: is answered by yes and no, which lead nowhere else', async () => {
    await holds([
      ...confirming,
      [{ id: 'm5', at: 16_000, text: 'x' }, at('CREDIT.confirm', ['confirm'])],
      [{ id: 'm6', at: 20_000, text: 'c' }, at('CREDIT.confirm', ['confirm'])],
      [{ id: 'm7', at: 24_000, text: 'Y' }, sent]
    ])
  })

  it('B27: is done once, though every answer is lost and the member says yes again', async () => {
    const open = at('CREDIT.confirm', ['try again'], { calls: { createOffer: 3 } })
    await holds(
      [
        ...confirming,
        [{ id: 'm5', at: 16_000, button: 'confirm', of: 'm4' }, open],
        [{ id: 'm6', at: 90_000, text: 'yes' }, sent]
      ],
      {
        faults: [failing('m5', 'createOffer', 'timeoutAfterCommit', 3)],
        final: { offers: [{ amount: '10.00' }], sameIdempotencyKey: ['m5', 'm6'] }
      }
    )
  })

  it('B28: is done once, however late its message comes again', async () => {
    const day = 86_400_000
    const again = (id: string, ms: number) =>
      [{ id, at: ms, button: 'confirm', of: 'm4', redelivery: true as const }, after] as const
    const after = { ...at('INIT.none', []), effects: { offersCreated: 1 } }
    await holds(
      [
        ...confirming,
        [{ id: 'm5', at: 16_000, button: 'confirm', of: 'm4' }, sent],
        [{ id: 'm5', at: 16_000, button: 'confirm', of: 'm4', redelivery: true }, at(MENU, [])],
        again('m5', day),
        again('m5', 7 * day)
      ],
      { final: { offers: [{ amount: '10.00' }] } }
    )
  })

  it('B31: is told of, although the channel does not take it at first', async () => {
    await holds([...confirming, [{ id: 'm5', at: 16_000, text: 'yes' }, sent]], {
      faults: [failing('m5', 'channelSend', 'http503', 3)]
    })
  })

  const amounts = ['nan', 'inf', 'Infinity', '1e3', '1_000', '0x10', '+5', '٥', '10.999', '5 US']
  it('B35: is of no amount that is no plain number of a known denomination', async () => {
    const refused = at('CREDIT.amount', ['amount|denomination|decimal'], { dataAbsent: ['amount'] })
    await holds([
      ...begun,
      ...amounts.map(
        (text, index) =>
          [
            { id: `b${index}`, at: 8_000 + index, text },
            { ...refused, validation: { attempts: index + 1 } }
          ] as const
      )
    ])
  })

  it('B36: is not signed by the button of an older prompt', async () => {
    const stale = at('CREDIT.confirm', ['no longer'], { calls: { createOffer: 0 } })
    await holds([
      ...confirming,
      [{ id: 'm5', at: 16_000, text: 'menu' }, at(MENU, ['balance'])],
      [{ id: 'm6', at: 20_000, list: 'offer', of: 'm5' }, at('CREDIT.amount', ['amount'])],
      [{ id: 'm7', at: 24_000, text: '49' }, at('CREDIT.handle', ['handle'])],
      [{ id: 'm8', at: 28_000, text: 'coop' }, at('CREDIT.confirm', ['confirm'])],
      [{ id: 'm9', at: 32_000, button: 'confirm', of: 'm4' }, stale]
    ])
  })

  it('B37: is about nothing that was not offered', async () => {
    const forged = at('ACCOUNT.pickAccount', ['list'], { identity: { activeAccountId: null } })
    await holds(
      [
        [{ id: 'm1', at: 0, text: 'hi' }, at('ACCOUNT.pickAccount', ['account'])],
        [{ id: 'm2', at: 4_000, list: 'acc-alice', of: 'm1' }, forged],
        [{ id: 'm3', at: 8_000, list: 'acc-coop', of: 'm1' }, forged]
      ],
      { channel: { type: 'whatsapp', user: '15550003003' } }
    )
  })

  it('B44: is offered in lists that the channel takes', async () => {
    const nine = at('CREDIT.pickOffer', ['(1\\.00 USD.*){9}'], {
      replyMustNotMatch: ['(1\\.00 USD.*){10}']
    })
    await holds([begun[0]!, [{ id: 'm2', at: 4_000, list: 'accept', of: 'm1' }, nine]], {
      core: { ...seed, offers }
    })
  })

  it('B45: is what the ledger decides, whatever the bot had reckoned', async () => {
    const refused = at(MENU, ['balance', 'balance'], { effects: { offersCreated: 0 } })
    await holds([...confirming, [{ id: 'm5', at: 16_000, text: 'yes' }, refused]], {
      faults: [
        {
          during: 'm5',
          endpoint: 'createOffer',
          times: 1,
          kind: 'business',
          code: 'INSUFFICIENT_BALANCE'
        }
      ]
    })
  })

  it('B46: leaves no name, number, amount, token or word of the member in the log', async () => {
    const secrets = ['15550001001', 'tok-', 'Alice', 'alice', 'bob_store', '110.00', 'my secret']
    await holds(
      [
        ...confirming,
        [{ id: 'm5', at: 16_000, text: 'my secret' }, at('CREDIT.confirm', ['confirm'])],
        [{ id: 'm6', at: 20_000, text: 'yes' }, sent]
      ],
      {
        faults: [failing('m6', 'createOffer', 'http401')],
        final: { logsMustNotContain: secrets }
      }
    )
  })
})
