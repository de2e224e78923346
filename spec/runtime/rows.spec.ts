import assert from 'node:assert/strict'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import type { OutsideEvent } from '../../lib/conversation/turn-event.ts'
import { failure } from '../../lib/kernel/failure.ts'
import { seededRandom } from '../../lib/kernel/random.ts'
import {
  callRow,
  inboxRow,
  parkedRow,
  readCallRow,
  readInboxRow,
  readReplyRow,
  replyRow
} from '../../lib/runtime/rows.ts'
import { keyRing } from '../../lib/store/seal.ts'

const ring = keyRing({
  active: 'k1',
  keys: { k1: new Uint8Array(32).fill(1) },
  random: seededRandom(1)
})
const other = keyRing({ active: 'k2', keys: { k2: new Uint8Array(32).fill(2) } })
const place = { conversation: 'c', epoch: 'e' }
const WORDS = 'what a member wrote'
const said: OutsideEvent = {
  kind: 'Inbound',
  id: 'm0',
  content: { kind: 'text', text: WORDS },
  arrivedAtMs: 5
}
const call = {
  key: 'key',
  name: 'pay',
  origin: 'o',
  cause: 'm0',
  effect: true,
  attached: true,
  openedAtMs: 1
}

describe('rows beside the record', () => {
  it('give back what was put in, for any JSON input of a call', () => {
    fc.assert(
      fc.property(fc.jsonValue(), input => {
        const plain: unknown = JSON.parse(JSON.stringify(input))
        const row = callRow(ring, place, call, { ...call, input: plain }, 'one')
        assert.deepEqual(readCallRow(ring, place, 'key', row), {
          name: 'pay',
          until: 0,
          by: 'one',
          input: plain
        })
      })
    )
  })

  it('hold neither the words of a member nor the input of a call in the clear', () => {
    const failed = failure('CHP_DECIDE_THREW', 'x')
    const rows = [
      inboxRow(ring, place, said),
      callRow(ring, place, call, { ...call, input: { text: WORDS } }, 'one'),
      parkedRow(ring, place, { event: said, failed, at: 1, where: 'A.b', fault: null })
    ]

    for (const row of rows) assert.equal(row.includes('member'), false)
    assert.deepEqual(readInboxRow(ring, place, rows[0]!), said)
  })

  it('open only where they stood, with the key they were sealed with', () => {
    const row = inboxRow(ring, place, said)
    const called = callRow(ring, place, call, { ...call, input: 1 }, 'one')
    const elsewhere = [
      { ...place, conversation: 'd' },
      { ...place, epoch: 'f' }
    ]

    for (const there of elsewhere) {
      assert.throws(() => readInboxRow(ring, there, row), /CHP_SEAL_KEY_UNKNOWN/)
      assert.throws(() => readCallRow(ring, there, 'key', called), /CHP_SEAL_KEY_UNKNOWN/)
    }
    assert.throws(() => readInboxRow(other, place, row), /CHP_SEAL_KEY_UNKNOWN/)
    assert.throws(() => readCallRow(ring, place, 'another', called), /CHP_SEAL_KEY_UNKNOWN/)
  })

  it('that are damaged are said to be, whatever the damage', () => {
    const reply = replyRow({ cause: 'm0', by: 'one', at: 1, reply: { kind: 'text', text: 'x' } })
    const called = callRow(ring, place, call, { ...call, input: 1 }, 'one')
    for (const cut of [0, 1, 10, reply.length - 1]) {
      assert.throws(() => readReplyRow(reply.slice(0, cut)), /CHP_RECORD_CORRUPT/)
    }
    assert.throws(() => readReplyRow('{"cause":"m0"}'), /CHP_RECORD_CORRUPT/)
    assert.throws(() => readCallRow(ring, place, 'key', called.slice(1)), /CHP_RECORD_CORRUPT/)
    const waiting = inboxRow(ring, place, said)
    for (const cut of [0, 1, 10, waiting.length - 20]) {
      assert.throws(() => readInboxRow(ring, place, waiting.slice(0, cut)), /CHP_RECORD_CORRUPT/)
    }
  })

  it('that were changed and parse still fail their checksum', () => {
    const reply = replyRow({ cause: 'm0', by: 'one', at: 1, reply: { kind: 'text', text: 'x' } })
    const called = callRow(ring, place, call, { ...call, input: 1 }, 'one')
    const waiting = inboxRow(ring, place, said)
    const failing = /CHP_RECORD_CORRUPT: A stored \w+ row fails its checksum/

    assert.throws(() => readReplyRow(reply.replace('"m0"', '"m1"')), failing)
    assert.throws(() => readCallRow(ring, place, 'key', called.replace('"pay"', '"pry"')), failing)
    const changed = waiting.replace(/^k1/, 'k2')
    assert.throws(() => readInboxRow(ring, place, changed), failing)
  })

  it('that are no sealed text at all are damaged, whatever their checksum says', () => {
    for (const text of ['k1', '.x', 'k1.', '?1.xyz', 'k1.x z']) {
      const sum = crc32(text).toString(16).padStart(8, '0')
      const row = `${text}~${sum}`
      assert.throws(() => readInboxRow(ring, place, row), /CHP_RECORD_CORRUPT: A stored row is no/)
      const called = JSON.stringify({ name: 'pay', cause: 'm', by: 'one', input: text })
      assert.throws(() => readCallRow(ring, place, 'key', called), /CHP_RECORD_CORRUPT/)
    }
  })
})
