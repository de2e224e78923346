import assert from 'node:assert/strict'
import type { Either } from 'fp-ts/lib/Either.js'
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { CallAnswer, CallDefinition, CallFailure } from '../../lib/conversation/program.ts'
import { aCall } from '../support/a-call.ts'
import { callBench, OK, UNAUTHORISED, UNAVAILABLE, UNKNOWN } from '../support/call-bench.ts'

const TEXT = t.string as unknown as t.Type<unknown>

type Read = Either<CallFailure, CallAnswer | null>

/** A `readBack` that answers these in turn, the last one for ever. */
function reading(...answers: Read[]): { asked: string[] } & Pick<CallDefinition, 'readBack'> {
  const asked: string[] = []
  return {
    asked,
    readBack: (_input, { key }) => {
      asked.push(key)
      return async () => answers[Math.min(asked.length, answers.length) - 1] ?? E.right(null)
    }
  }
}

describe('a call that may have been done', () => {
  it('is read back by its key, and is not made again when it was done', async () => {
    const { asked, readBack } = reading(E.right(OK))
    const pay = aCall('pay', { unknown: 'read-back', readBack: readBack! })
    const { start, run, settled } = callBench({ pay: pay.definition })
    pay.fail(UNKNOWN)

    start('k')
    await run()

    assert.equal(pay.made.length, 1)
    assert.deepEqual(asked, ['k'])
    assert.deepEqual(settled[0]?.result, { tag: 'answered', ...OK })
  })

  it('is made again only when it is read back as not done', async () => {
    const { asked, readBack } = reading(E.left(UNAVAILABLE), E.right(null))
    const pay = aCall('pay', { attempts: 4, unknown: 'read-back', readBack: readBack! })
    const { start, run, settled } = callBench({ pay: pay.definition })
    pay.fail(UNKNOWN)
    start('k')
    await run()

    assert.equal(asked.length, 4)
    assert.equal(pay.made.length, 3)
    assert.deepEqual(settled[0]?.result, { tag: 'unreachable', known: 'not-done' })
  })

  it('stays unknown when nobody can read it back, and was made once', async () => {
    const { readBack } = reading(E.left(UNAVAILABLE))
    const pay = aCall('pay', { unknown: 'read-back', readBack: readBack! })
    const { start, run, settled } = callBench({ pay: pay.definition })
    pay.fail(UNKNOWN)

    start('k')
    await run()

    assert.equal(pay.made.length, 1)
    assert.deepEqual(settled[0]?.result, { tag: 'unreachable', known: 'unknown' })
  })

  it('is read back before anything when a former life may have made it', async () => {
    const { asked, readBack } = reading(E.right(OK))
    const pay = aCall('pay', { unknown: 'read-back', readBack: readBack! })
    const { start, run, settled } = callBench({ pay: pay.definition })

    start('k', { resumed: true })
    await run()

    assert.equal(pay.made.length, 0)
    assert.equal(asked.length, 1)
    assert.deepEqual(settled[0]?.result, { tag: 'answered', ...OK })
  })

  it('is checked like any answer when it is read back', async () => {
    const { readBack } = reading(E.right({ outcome: 'ok', output: { n: 'one' } }))
    const pay = aCall('pay', { unknown: 'read-back', readBack: readBack! })
    const { start, run, settled } = callBench({ pay: pay.definition })
    pay.fail(UNKNOWN)

    start('k')
    await run()

    assert.deepEqual(settled[0]?.result, { tag: 'unreachable', known: 'unknown' })
  })

  for (const resumed of [false, true])
    it(`is left to a person, made ${resumed ? 0 : 1} times by us, where declared`, async () => {
      const pay = aCall('pay', { unknown: 'ask-operator' })
      const { start, run, settled, unresolved } = callBench({ pay: pay.definition })
      pay.fail(UNKNOWN)

      start('k', { resumed })
      await run()

      assert.equal(pay.made.length, resumed ? 0 : 1)
      assert.deepEqual(unresolved, [['c', 'pay', 'k']])
      assert.deepEqual(settled[0]?.result, { tag: 'unreachable', known: 'unknown' })
    })

  it('is left to a person, where declared, though its input fits no more', async () => {
    const pay = aCall('pay', { unknown: 'ask-operator', input: TEXT })
    const { start, run, settled, unresolved } = callBench({ pay: pay.definition })

    start('k', { resumed: true })
    await run()

    assert.deepEqual([pay.made.length, unresolved], [0, [['c', 'pay', 'k']]])
    assert.deepEqual(settled[0]?.result, { tag: 'unreachable', known: 'unknown' })
  })

  it('is tried again by a call left to persons while nothing can have been done', async () => {
    const pay = aCall('pay', { unknown: 'ask-operator' })
    const { start, run, settled, unresolved } = callBench({ pay: pay.definition })
    pay.fail(UNAVAILABLE)

    start('k')
    await run()

    assert.equal(pay.made.length, 3)
    assert.deepEqual(unresolved, [])
    assert.deepEqual(settled[0]?.result, { tag: 'unreachable', known: 'not-done' })
  })
})

describe('a call that its flow has left, not knowing what became of it', () => {
  it('is read back by its key, and never made', async () => {
    for (const found of [OK, null]) {
      const { asked, readBack } = reading(E.left(UNAVAILABLE), E.right(found))
      const pay = aCall('pay', { readBack: readBack! })
      const { start, run, settled, unresolved } = callBench({ pay: pay.definition })

      start('k', { resumed: true, left: true })
      await run()

      assert.deepEqual([pay.made.length, asked, unresolved], [0, ['k', 'k'], []])
      const known = { tag: 'unreachable', known: 'not-done' } as const
      assert.deepEqual(settled[0]?.result, found === null ? known : { tag: 'answered', ...OK })
    }
  })

  for (const readable of [true, false])
    it(`is looked up by a person when ${readable ? 'no read tells' : 'none can'}`, async () => {
      const { asked, readBack } = reading(E.left(UNAVAILABLE))
      const pay = aCall('pay', readable ? { readBack: readBack! } : {})
      const { start, run, settled, unresolved } = callBench({ pay: pay.definition })

      start('k', { resumed: true, left: true })
      await run()

      assert.deepEqual([pay.made.length, asked.length], [0, readable ? 3 : 0])
      assert.deepEqual(unresolved, [['c', 'pay', 'k']])
      assert.deepEqual(settled[0]?.result, { tag: 'unreachable', known: 'unknown' })
    })

  it('is looked up by a person when this build does not know it, or not its input', async () => {
    const other = aCall('pay', { input: TEXT })
    for (const definitions of [{}, { pay: other.definition }]) {
      const { start, run, settled, unresolved } = callBench(definitions)

      start('k', { resumed: true, left: true })
      await run()

      assert.deepEqual([other.made.length, unresolved], [0, [['c', 'pay', 'k']]])
      assert.deepEqual(settled[0]?.result, { tag: 'unreachable', known: 'unknown' })
    }
  })

  it('is looked up by a person when the login needs a member who has signed out', async () => {
    const { asked, readBack } = reading(E.left(UNAUTHORISED))
    const pay = aCall('pay', { readBack: readBack! })
    const relogin = {
      call: 'login',
      input: (): never => {
        throw new TypeError('planned')
      },
      token: () => null
    }
    const definitions = { pay: pay.definition, login: aCall('login').definition }
    const { start, run, settled, unresolved } = callBench(definitions, { relogin })

    start('k', { resumed: true, left: true })
    await run()

    assert.deepEqual([pay.made.length, asked], [0, ['k']])
    assert.deepEqual(unresolved, [['c', 'pay', 'k']])
    assert.deepEqual(settled[0]?.result, { tag: 'unreachable', known: 'unknown' })
  })

  it('is read back to its end when what is made must be made no more', async () => {
    for (const left of [true, false]) {
      const { asked, readBack } = reading(E.right(OK))
      const pay = aCall('pay', { unknown: 'read-back', readBack: readBack! })
      const { start, run, settled, calls } = callBench({ pay: pay.definition })
      start('k', { resumed: true, left })
      start('other', { resumed: true })

      calls.abandonMade('c', key => key !== 'k')
      await run()

      const ends = settled.map(({ key }) => key).sort()
      assert.deepEqual([ends, asked.length], [left ? ['k', 'other'] : ['other'], 2])
    }
  })

  it('is told to a person once where its declaration leaves it to one', async () => {
    const pay = aCall('pay', { unknown: 'ask-operator' })
    const { start, run, settled, unresolved } = callBench({ pay: pay.definition })

    start('k', { resumed: true, left: true })
    await run()

    assert.deepEqual([pay.made.length, settled.length, unresolved], [0, 1, []])
  })
})
