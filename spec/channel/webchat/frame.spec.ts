import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ClientFrame, readFrame, SAID_UNITS_MAX } from '../../../lib/channel/webchat/frame.ts'

const say = { kind: 'say', id: 'a1', text: 'hi' }
const choose = { kind: 'choose', id: 'a2', instance: '1.2.0.x', option: 'yes' }
const received = { kind: 'received', key: 'k' }

describe('readFrame', () => {
  for (const frame of [say, choose, received])
    it(`reads ${frame.kind}`, () => {
      assert.deepEqual(readFrame(JSON.stringify(frame)), frame)
    })

  it('drops fields that it does not know', () => {
    assert.deepEqual(readFrame(JSON.stringify({ ...say, user: 'someone else' })), say)
  })

  const refused: readonly (readonly [string, string])[] = [
    ['what is not JSON', '{'],
    ['nothing', ''],
    ['null', 'null'],
    ['a list', '[1]'],
    ['another kind', JSON.stringify({ ...say, kind: 'hello' })],
    ['a kind that every object has', JSON.stringify({ ...say, kind: 'constructor' })],
    ['a kind by prototype', '{"__proto__":{"kind":"say","id":"a","text":"x"}}'],
    ['no id', JSON.stringify({ ...say, id: undefined })],
    ['an empty id', JSON.stringify({ ...say, id: '' })],
    ['a long id', JSON.stringify({ ...say, id: 'x'.repeat(65) })],
    ['a number for an id', JSON.stringify({ ...say, id: 1 })],
    ['an empty text', JSON.stringify({ ...say, text: '' })],
    ['a long text', JSON.stringify({ ...say, text: 'x'.repeat(SAID_UNITS_MAX + 1) })],
    ['a tap without a prompt', JSON.stringify({ ...choose, instance: undefined })],
    ['an acknowledgement of nothing', JSON.stringify({ kind: 'received' })],
    ['deep nesting', '['.repeat(60_000)]
  ]
  for (const [what, text] of refused)
    it(`refuses ${what}`, () => {
      assert.equal(readFrame(text), null)
    })

  it('takes a text of exactly the limit', () => {
    const long = { ...say, text: '😀'.repeat(SAID_UNITS_MAX / 2) }

    assert.deepEqual(readFrame(JSON.stringify(long)), long)
  })

  it('gives a frame or null for any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), text => {
        const frame = readFrame(text)

        assert.ok(frame === null || ClientFrame.is(frame))
      })
    )
  })
})
