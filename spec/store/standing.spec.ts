import assert from 'node:assert/strict'
import fc from 'fast-check'
import { failureOf } from '../../lib/kernel/failure.ts'
import {
  callField,
  callKeyOf,
  fenceOf,
  fenceText,
  readFence,
  readStanding,
  type Standing,
  standingText,
  tombstone
} from '../../lib/store/standing.ts'

const word = fc.stringMatching(/^[A-Za-z0-9_-]{1,12}$/)
const standing: fc.Arbitrary<Standing> = fc.record(
  {
    epoch: word,
    version: fc.maxSafeNat(),
    head: fc.tuple(word, word, fc.nat()).map(([name, nonce, count]) => `${name}/${nonce}.${count}`),
    slot: fc.constantFrom(0, 1),
    attached: fc.boolean(),
    inFirst: fc.nat(),
    inNext: fc.nat(),
    outBase: fc.nat(),
    outNext: fc.nat(),
    effectAt: fc.nat(),
    calls: fc.array(fc.string({ minLength: 1 }).map(callField), { maxLength: 4 })
  },
  { noNullPrototype: true }
)
const remembered = fc.record(
  {
    dueMs: fc.option(fc.maxSafeNat()),
    minute: fc.nat()
  },
  { noNullPrototype: true }
)

describe('a standing', () => {
  it('reads back from its text', () => {
    fc.assert(
      fc.property(standing, given => {
        assert.deepEqual(readStanding(standingText(given)), given)
      })
    )
  })

  it('reads back from a fence, also from a copy of one', () => {
    fc.assert(
      fc.property(standing, remembered, (given, also) => {
        const fence = fenceOf(given, also)
        for (const each of [
          fence,
          { ...fence },
          JSON.parse(JSON.stringify(fence)) as typeof fence
        ]) {
          const { standing: read, remembered: alsoRead } = readFence(each)
          assert.deepEqual([read, alsoRead], [given, also])
          assert.equal(fenceText(each), standingText(given))
        }
      })
    )
  })

  it('is not what a changed copy of its fence names', () => {
    const given = { ...tombstone('epoch'), version: 4, head: 'a/b.1' }
    const fence = fenceOf(given, { dueMs: 5, minute: 6 })

    for (const change of [{ version: 5 }, { head: 'a/b.2' }, { epoch: 'other' }]) {
      assert.notEqual(fenceText({ ...fence, ...change }), standingText(given))
    }
  })
})

describe('a call key', () => {
  it('reads back from its field, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), key => {
        const field = callField(key)
        assert.equal(callKeyOf(field), key)
        assert.doesNotMatch(field, /[:,| \0]/)
      })
    )
  })

  for (const key of ['', '\ud800', 'x'.repeat(1001), 'é'.repeat(200)]) {
    it(`is refused as ${JSON.stringify(key).slice(0, 10)}`, () => {
      assert.throws(
        () => callField(key),
        error => failureOf(error)?.code === 'CHP_INPUT_INVALID'
      )
    })
  }
})
