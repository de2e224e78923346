import assert from 'node:assert/strict'
import { botOf } from '../../../../examples/ledger/transcript/bot-of.ts'
import type { Miss } from '../../../../examples/ledger/transcript/checks.ts'
import type { Transcript } from '../../../../examples/ledger/transcript/form.ts'
import { linesOf } from '../../../../examples/ledger/transcript/play-folder.ts'
import { play } from '../../../../examples/ledger/transcript/player.ts'
import type { Stage } from '../../../../examples/ledger/transcript/world.ts'
import { aCase, after, begun, confirming, memoryHome } from './a-case.ts'

const stage: Stage = { store: memoryHome, bot: botOf }
const offered: (typeof begun)[number] = [
  { id: 'm5', at: 16_000, button: 'confirm', of: 'm4' },
  after('MENU', 'dashboard', 'offer.*(sent|made|created)', 'balance')
]

/** The misses in short: where, and what. */
async function missesOf(transcript: Transcript): Promise<string[]> {
  return (await play(transcript, stage)).map(({ entry, what }) => `${entry}: ${what}`)
}

describe('the player finds nothing to complain of', () => {
  it('in a case that holds', async () => {
    const offer = { amount: '10.00', denom: 'USD', issuerAccountId: 'acc-alice', status: 'PENDING' }
    const final = {
      effects: { offersCreated: 1 },
      offers: [offer],
      sameIdempotencyKey: ['m5'],
      logsMustNotContain: ['15550001001', 'tok-']
    }
    assert.deepEqual(await missesOf(aCase([...confirming, offered], { final })), [])
  })
})

describe('the player keeps the ids of messages as long as a case says', () => {
  const again = (at: number, ...replies: string[]): (typeof begun)[number] => [
    { id: 'm1', at, text: 'hi', redelivery: true },
    { ...after('', '', ...replies), stage: null, step: null, maxReplies: replies.length }
  ]
  const first = begun[0]!
  const DAY_MS = 86_400_000

  it('shorter than a store does', async () => {
    const config = { dedupeRetentionSeconds: 60 }
    const played = [
      first,
      again(50_000),
      again(61_000, 'balance'),
      again(100_000),
      again(122_000, 'balance')
    ]
    assert.deepEqual(await missesOf(aCase(played, { config })), [])
  })

  it('longer than a store must', async () => {
    const config = { dedupeRetentionSeconds: 14 * 86_400 }
    const more = Array.from({ length: 150 }, (_, n): (typeof begun)[number] => {
      return [
        { id: `n${n}`, at: 9 * DAY_MS + n * 1000, text: 'hi' },
        after('MENU', 'dashboard', 'balance')
      ]
    })
    const played = [first, ...more, again(10 * DAY_MS), again(13 * DAY_MS)]
    assert.deepEqual(await missesOf(aCase(played, { config })), [])
  })
})

describe('the player names the entry and what is wrong', () => {
  type Change = Partial<Transcript['expect'][number]>
  const planted: readonly (readonly [string, Change, string])[] = [
    ['a stage', { stage: 'CREDIT' }, 'stage'],
    ['a step', { step: 'handle' }, 'step'],
    ['data that is not there', { dataSubset: { amount: '10.00' } }, 'data'],
    ['an identity', { identity: { memberId: 'm-bob' } }, 'identity.memberId'],
    ['attempts', { validation: { attempts: 1 } }, 'validation.attempts'],
    ['an effect', { effects: { offersCreated: 2 } }, 'effects.offersCreated'],
    ['a call', { calls: { login: 2 } }, 'calls.login'],
    ['a restart', { supervision: { restarts: 1, reset: false } }, 'supervision'],
    ['a reply that is missing', { replyMatches: ['sent', 'balance', '.'] }, 'replies'],
    ['a reply too many', { replyMatches: ['sent'] }, 'replies'],
    ['replies in another order', { replyMatches: ['balance', 'sent'] }, 'replies'],
    ['a text that must not be said', { replyMustNotMatch: ['balance'] }, 'replies'],
    ['more messages than allowed', { maxReplies: 1 }, 'replies'],
    [
      'a reply of another kind',
      { replyKinds: ['ok.decline', 'menu.dashboard'] },
      'reply 0 as ok.decline'
    ]
  ]
  for (const [title, change, what] of planted)
    it(title, async () => {
      const [entry, expectation] = offered
      const wrong = aCase([...confirming, [entry, { ...expectation, ...change }]])
      assert.deepEqual(await missesOf(wrong), [`m5 (messages.4): ${what}`])
    })

  it('data that should be gone', async () => {
    const wrong = begun.map(([entry, expectation]) => [entry, expectation] as const)
    const kept = { ...after('CREDIT', 'handle', 'handle'), dataAbsent: ['amount', 'handle'] }
    const played = [...wrong, [{ id: 'm3', at: 8_000, text: '10' }, kept] as const]
    assert.deepEqual(await missesOf(aCase(played)), ['m3 (messages.2): data.amount'])
  })

  const atTheEnd: readonly (readonly [string, Transcript['final'], string])[] = [
    ['an effect', { effects: { offersCreated: 0 } }, 'effects.offersCreated'],
    ['an offer that the ledger does not hold', { offers: [{ amount: '11.00' }] }, 'offers'],
    ['an offer that nobody expected', { offers: [] }, 'offers'],
    ['requests without a common key', { sameIdempotencyKey: ['m1'] }, 'idempotency keys'],
    ['a text in the log', { logsMustNotContain: ['"level"'] }, 'log']
  ]
  for (const [title, final, what] of atTheEnd)
    it(`${title}, at the end`, async () => {
      const wrong = aCase([...confirming, offered], { final })
      assert.deepEqual(await missesOf(wrong), [`the end: ${what}`])
    })
})

describe('the player never waits for ever', () => {
  it('says what an entry waited for, and goes on', async () => {
    const hanging: Stage = {
      ...stage,
      bot: config => given => {
        const program = botOf(config)(given)
        const login = program.calls['login']!
        const run = (): (() => Promise<never>) => () => new Promise<never>(() => undefined)
        const calls = { ...program.calls, login: { ...login, run, timeoutMs: 1e12 } }
        return { ...program, calls }
      }
    }
    const misses = await play(aCase(begun.slice(0, 1)), hanging)
    const settling = misses.find(({ what }) => what === 'settling')
    assert.equal(settling?.entry, 'm1 (messages.0)')
    assert.deepEqual(settling.seen, ['calls: 1'])
  })

  it('says why the process could not start', async () => {
    const unfit: Stage = {
      ...stage,
      store: async () => {
        const home = await memoryHome()
        return { ...home, open: clock => opensOnce(home.open(clock)) }
      }
    }
    const [first] = await play(aCase(begun.slice(0, 1)), unfit)
    assert.deepEqual(first?.seen, ['the start failed: no such disk'])
  })
})

describe('a miss is printed', () => {
  it('with its entry, what was expected and what was seen, after one line for the case', () => {
    const misses: readonly Miss[] = [
      { entry: 'm2 (messages.1)', what: 'step', expected: 'amount', seen: 'handle' }
    ]
    assert.deepEqual(linesOf({ name: 'x', store: 'lmdb', misses }), [
      'MISS  x  (lmdb)',
      '      m2 (messages.1): step',
      '        expected  amount',
      '        seen      handle'
    ])
    assert.deepEqual(linesOf({ name: 'x', store: 'lmdb', misses: [] }), ['ok    x  (lmdb)'])
  })
})

type Store = ReturnType<Awaited<ReturnType<typeof memoryHome>>['open']>

/** The same store, but only the first `open` of it works: the player's, not the process's. */
function opensOnce(store: Store): Store {
  let opened = 0
  return new Proxy(store, {
    get: (target, name): unknown => {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      return (...args: readonly unknown[]): unknown => {
        if (name === 'open') opened += 1
        if (name === 'open' && opened > 1) return Promise.reject(new Error('no such disk'))
        return Reflect.apply(value, target, args) as unknown
      }
    }
  })
}
