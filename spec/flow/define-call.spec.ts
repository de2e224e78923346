import assert from 'node:assert/strict'
import * as t from 'io-ts'
import type { CallContext } from '../../lib/conversation/program.ts'
import { attempt, CallFailed, defineCall, text } from '../../lib/flow/index.ts'

const context: CallContext = {
  key: 'k',
  token: null,
  signal: new AbortController().signal,
  attempt: 1
}

describe('defineCall', () => {
  const double = defineCall({
    name: 'double',
    effect: false,
    input: t.strict({ n: t.number }),
    outcomes: { done: t.strict({ n: t.number }) },
    late: { done: text('late') },
    run: ({ n }, { key }) =>
      attempt(async () => ({ outcome: 'done', output: { n: n * key.length } }))
  })

  it('gives the runtime a definition with three attempts of ten seconds unless told', () => {
    const { name, effect, attempts, timeoutMs, late } = double

    assert.deepEqual([name, effect, attempts, timeoutMs], ['double', false, 3, 10_000])
    assert.equal(late['done']?.key, 'late')
  })

  it('runs with the input and the context of the attempt', async () => {
    assert.deepEqual(await double.run({ n: 2 }, { ...context, key: 'kkk' })(), {
      _tag: 'Right',
      right: { outcome: 'done', output: { n: 6 } }
    })
  })
})

describe('attempt', () => {
  it('ends with the failure that was thrown for it', async () => {
    const failed = attempt(async () => {
      throw new CallFailed({ tag: 'unauthorised' })
    })

    assert.deepEqual(await failed(), { _tag: 'Left', left: { tag: 'unauthorised' } })
  })

  it('takes anything else thrown as unknown, without its message', async () => {
    const thrown = (value: unknown) => attempt(() => Promise.reject(value as Error))()

    const [error, other] = [await thrown(new RangeError('tok-1')), await thrown('tok-1')]

    assert.match(JSON.stringify(error), /"tag":"unknown","detail":"RangeError at /)
    assert.doesNotMatch(JSON.stringify(error), /tok-1/)
    assert.deepEqual(other, { _tag: 'Left', left: { tag: 'unknown', detail: 'a thrown string' } })
  })
})
