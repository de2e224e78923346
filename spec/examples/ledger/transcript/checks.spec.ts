import assert from 'node:assert/strict'
import { isSubset, judge, type Seen } from '../../../../examples/ledger/transcript/checks.ts'
import { judgeEnd, type SeenInAll } from '../../../../examples/ledger/transcript/final-checks.ts'
import type { Taken } from '../../../../examples/ledger/transcript/recorder.ts'
import { replyText } from '../../../../examples/ledger/transcript/reply-text.ts'
import { after } from './a-case.ts'

const look: Seen['look'] = {
  stage: 'MENU',
  step: 'dashboard',
  data: { amount: '1.00' },
  attempts: 0,
  identity: { memberId: 'm-1', tier: 1, activeAccountId: null },
  prompt: null
}
const nothingSeen: Seen = {
  look,
  taken: [],
  effects: {},
  calls: {},
  supervision: { restarts: 0, reset: false }
}

function taken(
  text: string,
  more: Partial<Taken> & { note?: 'progress' | 'greeting' } = {}
): Taken {
  const { note, ...rest } = more
  const reply = { kind: 'text' as const, text, ...(note === undefined ? {} : { note }) }
  return { entry: 0, name: text, repeated: false, ...rest, reply }
}

function repliesJudged(patterns: readonly string[], ...messages: Taken[]): number {
  return judge(after('MENU', 'dashboard', ...patterns), { ...nothingSeen, taken: messages }).length
}

describe('replies are judged', () => {
  it('whole and in order', () => {
    assert.equal(repliesJudged(['one', 'two'], taken('One'), taken('two')), 0)
    assert.equal(repliesJudged(['one', 'two'], taken('two'), taken('one')), 1)
    assert.equal(repliesJudged(['one'], taken('one'), taken('two')), 1)
    assert.equal(repliesJudged(['one', 'two'], taken('one')), 1)
    assert.equal(repliesJudged([], taken('one')), 1)
  })

  it('with a dot that stands for a line break, in any case', () => {
    assert.equal(repliesJudged(['a.*b'], taken('A\nB')), 0)
  })

  it('without progress and greetings', () => {
    const around = [taken('wait', { note: 'progress' }), taken('hello', { note: 'greeting' })]
    assert.equal(repliesJudged(['one'], ...around, taken('one')), 0)
    assert.equal(repliesJudged([], ...around), 0)
  })

  it('counting greetings but not progress against the most', () => {
    const expected = { ...after('MENU', 'dashboard', 'one'), maxReplies: 1 }
    const wait = taken('wait', { note: 'progress' })
    const hello = taken('hello', { note: 'greeting' })
    const findings = (...messages: Taken[]) =>
      judge(expected, { ...nothingSeen, taken: messages }).length
    assert.equal(findings(wait, taken('one')), 0)
    assert.equal(findings(hello, taken('one')), 1)
  })

  it('once or twice when the sender could not know that the first was taken', () => {
    const again = taken('one', { repeated: true })
    assert.equal(repliesJudged(['one'], taken('one'), again), 0)
    assert.equal(repliesJudged(['one', 'one'], taken('one'), again), 0)
    assert.equal(repliesJudged(['one'], taken('one'), taken('one')), 1)
  })

  it('by everything a member can read', () => {
    const option = { id: 'x', label: 'Offer', description: 'to somebody' }
    const text = replyText({
      kind: 'list',
      text: 'body',
      header: 'head',
      footer: 'foot',
      instance: 'i',
      button: 'Open',
      sections: [{ title: 'All', options: [option] }]
    })
    assert.equal(text, 'body\nhead\nfoot\nOpen\nAll\nOffer\nto somebody')
  })
})

describe('a subset', () => {
  it('leaves keys out at every depth, and no items of a list', () => {
    assert.ok(isSubset({ a: { b: 1 }, l: [{ x: 1 }] }, { a: { b: 1, c: 2 }, l: [{ x: 1, y: 2 }] }))
    assert.ok(!isSubset({ l: [1] }, { l: [1, 2] }))
    assert.ok(!isSubset({ l: [2, 1] }, { l: [1, 2] }))
    assert.ok(!isSubset({ a: null }, {}))
    assert.ok(!isSubset({ a: { b: 1 } }, { a: [1] }))
    assert.ok(!isSubset({ a: 1 }, { a: '1' }))
  })
})

describe('an identity', () => {
  it('counts what is absent as null', () => {
    const wanted = { ...after('MENU', 'dashboard'), identity: { activeAccountId: null, tier: 1 } }
    assert.deepEqual(judge(wanted, nothingSeen), [])
    const wrong = judge({ ...wanted, identity: { memberId: null } }, nothingSeen)
    assert.deepEqual(
      wrong.map(({ what }) => what),
      ['identity.memberId']
    )
  })
})

describe('the offers at the end', () => {
  const offer = (offerId: string, amount: string, createdBy: 'member' | 'content' | 'control') =>
    ({ offerId, amount, createdBy }) as SeenInAll['offers'][number]
  const misses = (wanted: Record<string, unknown>[], offers: SeenInAll['offers']): number => {
    const seen = { effects: {}, offers, asked: [], indicesOf: () => [], logged: () => [] }
    return judgeEnd({ offers: wanted }, seen).length
  }

  it('are each another one', () => {
    const two = [offer('a', '1.00', 'member'), offer('b', '1.00', 'member')]
    assert.equal(misses([{ amount: '1.00' }, { amount: '1.00' }], two), 0)
    assert.equal(misses([{ amount: '1.00' }, { amount: '1.00' }], two.slice(1)), 1)
  })

  it('are found whatever the order they are named in', () => {
    const two = [offer('a', '1.00', 'member'), offer('b', '1.00', 'member')]
    assert.equal(misses([{ amount: '1.00' }, { offerId: 'a' }], two), 0)
  })

  it('are no more than the case named, apart from those that it did not make', () => {
    const given = [offer('a', '1.00', 'content'), offer('b', '2.00', 'control')]
    assert.equal(misses([], given), 0)
    assert.equal(misses([{ offerId: 'a' }], [...given, offer('c', '3.00', 'member')]), 1)
  })
})

describe('the idempotency keys of named entries', () => {
  const asked = (entry: number, key: string | null) =>
    ({ entry, causedBy: [entry], endpoint: 'createOffer', key, effects: {} }) as const
  const misses = (...requests: SeenInAll['asked']): number => {
    const seen = { effects: {}, offers: [], asked: requests, logged: () => [] }
    const indicesOf = (id: string) => [Number(id.slice(1))]
    return judgeEnd({ sameIdempotencyKey: ['m1', 'm2'] }, { ...seen, indicesOf }).length
  }

  it('are one and the same; reads have none, other entries their own', () => {
    assert.equal(misses(asked(1, 'k'), asked(2, 'k'), asked(2, null), asked(3, 'other')), 0)
    assert.equal(misses(asked(1, 'k'), asked(2, 'l')), 1)
    assert.equal(misses(asked(3, 'k')), 1)
  })
})
