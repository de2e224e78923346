import { seed } from '../../examples/ledger/service/seed.ts'
import { begun, confirming } from '../examples/ledger/transcript/a-case.ts'
import { at, failing, holds } from './played.ts'

const MENU = 'MENU.dashboard'
const offer = { amount: '10.00', denom: 'USD', handle: 'bob_store', recipientAccountId: 'acc-bob' }
const kept = at('CREDIT.confirm', ['confirm.*cancel'], { dataSubset: offer })

describe('a conversation with the ledger bot', () => {
  it('B8: has the stage of its step, and nothing but a login before that', async () => {
    await holds([
      [{ id: 'm0', at: 0, list: 'offer', of: 'm9' } as never, at(MENU, ['balance'])],
      [{ id: 'm1', at: 4_000, list: 'offer', of: 'm0' }, at('CREDIT.amount', ['amount'])]
    ])
  })

  it('B10: keeps what each step gathered until the last of them', async () => {
    await holds([...confirming, [{ id: 'm5', at: 16_000, text: 'perhaps' }, kept]])
  })

  it('B11: begins a flow with nothing of the one before', async () => {
    const nothing = ['amount', 'denom', 'handle', 'recipientAccountId']
    await holds([
      ...confirming,
      [{ id: 'm5', at: 16_000, text: 'no' }, at(MENU, ['cancel', '.'], { dataAbsent: nothing })],
      [
        { id: 'm6', at: 20_000, list: 'offer', of: 'm5' },
        at('CREDIT.amount', ['amount'], { dataAbsent: nothing })
      ]
    ])
  })

  it('B12: goes on with the token that a renewed login brought', async () => {
    const confirm = at('CREDIT.confirm', ['confirm'], {
      dataSubset: offer,
      calls: { login: 2, resolveHandle: 2 }
    })
    const done = at(MENU, ['sent', 'balance'], { calls: { login: 2, createOffer: 1 } })
    // The ledger forgets a token after 300 s without a request.
    await holds([
      ...confirming.slice(0, 3),
      [{ id: 'm4', at: 250_000, text: '!' }, at('CREDIT.handle', ['handle'])],
      [{ id: 'm5', at: 400_000, text: 'bob_store' }, confirm],
      [{ id: 'm6', at: 404_000, text: 'yes' }, done]
    ])
  })

  it('B13, B47: knows its member after a flow, a reset and a restart', async () => {
    const identity = { memberId: 'm-alice', tier: 1, activeAccountId: 'acc-alice' }
    await holds(
      [
        ...confirming,
        [{ id: 'm5', at: 16_000, text: 'no' }, at(MENU, ['cancel', '.'], { identity })],
        [
          { id: 'm6', at: 20_000, list: 'offer', of: 'm5' },
          at(MENU, ['sorry', 'balance'], { identity })
        ],
        [{ id: 'r1', at: 24_000, event: 'restart' }, at(MENU, [], { identity })]
      ],
      { faults: [{ during: 'm6', component: 'amount', kind: 'throw', times: 4 }] }
    )
  })

  it('B15: reads an amount once, and shows, keeps and offers the same', async () => {
    const amount = { amount: '0.0120', denom: 'XAU' }
    const shown = at('CREDIT.confirm', ['confirm.*\\b0\\.0120 XAU'], { dataSubset: amount })
    await holds(
      [
        ...begun,
        [
          { id: 'm3', at: 8_000, text: ' xau  0.012 ' },
          at('CREDIT.handle', ['handle'], { dataSubset: amount })
        ],
        [{ id: 'm4', at: 12_000, text: 'bob_store' }, shown],
        [{ id: 'm5', at: 16_000, text: 'yes' }, at(MENU, ['sent', 'balance'])]
      ],
      { final: { offers: [amount] } }
    )
  })

  it('B17: takes a greeting within a form for a greeting', async () => {
    await holds(
      [
        [{ id: 'm1', at: 0, text: 'x' }, at('REGISTRATION.welcome', ['join'])],
        [{ id: 'm2', at: 1, button: 'join', of: 'm1' }, at('REGISTRATION.firstName', ['first'])],
        [{ id: 'm3', at: 2, text: 'Hola' }, at('REGISTRATION.welcome', ['join'])]
      ],
      { channel: { type: 'whatsapp', user: '15550009009' } }
    )
  })

  it('B22: leads on from the end of the session, whatever is said', async () => {
    const back = at(MENU, ['expired', 'balance'])
    await holds([
      ...begun,
      [{ id: 'm3', at: 304_000, text: '10' }, back],
      [{ id: 'm4', at: 904_000, unsupported: 'image' }, back],
      [{ id: 'm5', at: 1_504_000, list: 'offer', of: 'm4' }, back]
    ])
  })

  it('B23: stays where it is at bad input, with all that it has', async () => {
    const bad = ['abc', '-1', 'nan', '1 2 3', '1 EUR', '10.999', '5000'].map(
      (text, index) =>
        [
          { id: `b${index}`, at: 16_000 + index, text },
          { ...kept, validation: { attempts: index + 1 } }
        ] as const
    )
    await holds([...confirming, ...bad])
  })

  it('B24: says once that nobody is there, and asks no more than it was told to', async () => {
    const away = (login: number) => at('INIT.none', ['try again'], { calls: { login } })
    await holds(
      [
        [{ id: 'm1', at: 0, text: 'hi' }, away(3)],
        [{ id: 'm2', at: 60_000, text: 'hello?' }, away(6)]
      ],
      { faults: [failing('m1', 'login', 'http503', 3), failing('m2', 'login', 'timeout', 3)] }
    )
  })

  it('B34: counts attempts over restarts, for they stand in the state', async () => {
    const refused = (attempts: number) =>
      at('CREDIT.amount', ['amount'], { validation: { attempts } })
    await holds([
      ...begun,
      [{ id: 'm3', at: 8_000, text: 'x' }, refused(1)],
      [
        { id: 'r1', at: 12_000, event: 'restart' },
        { ...refused(1), replyMatches: [] }
      ],
      [{ id: 'm4', at: 16_000, text: 'x' }, refused(2)]
    ])
  })

  it('B39: invents no account for a member who has none', async () => {
    const nobody = { memberId: 'm-none', phone: '1', firstName: 'No', lastName: 'One', tier: 1 }
    const away = at('INIT.none', ['try again'], {
      identity: { memberId: null, activeAccountId: null }
    })
    await holds([[{ id: 'm1', at: 0, text: 'hi' }, away]], {
      channel: { type: 'whatsapp', user: '1' },
      core: { ...seed, members: [...seed.members, nobody] }
    })
  })

  it('B40: offers to whom it looked up last, and an old refusal refuses nobody', async () => {
    await holds(
      [
        ...confirming,
        [{ id: 'm5', at: 16_000, text: 'no' }, at(MENU, ['cancel', '.'])],
        [{ id: 'm6', at: 20_000, list: 'offer', of: 'm5' }, at('CREDIT.amount', ['amount'])],
        [{ id: 'm7', at: 24_000, text: '11' }, at('CREDIT.handle', ['handle'])],
        [{ id: 'm8', at: 28_000, text: 'ghost' }, at('CREDIT.handle', ['no account'])],
        [{ id: 'm9', at: 32_000, text: 'coop' }, at('CREDIT.confirm', ['coop'])],
        [{ id: 'm10', at: 36_000, text: 'yes' }, at(MENU, ['sent', 'balance'])]
      ],
      { final: { offers: [{ amount: '11.00', receiverAccountId: 'acc-coop' }] } }
    )
  })
})
