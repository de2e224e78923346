import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { failureOf } from '../../lib/kernel/failure.ts'
import { seededRandom, systemRandom } from '../../lib/kernel/random.ts'
import {
  conversationId,
  epochOf,
  fingerprint,
  firstEpochOf,
  headsOf,
  isFirstEpoch,
  isHeadOf,
  partitionOf
} from '../../lib/store/identity.ts'

const KEY = new Uint8Array(32).fill(7)
const hostileText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '{',
    '}',
    ':',
    '\0',
    '\0\0',
    '__proto__',
    '\ud800',
    '\udfff',
    '\u202e',
    '\u00e9',
    'e\u0301'
  )
)
const anAddress = fc.record({ channel: hostileText, account: hostileText, user: hostileText })

describe('the stored id of a conversation', () => {
  it('is 22 characters that are safe in a key and in a path', () => {
    fc.assert(
      fc.property(anAddress, address => {
        assert.match(conversationId(KEY, address), /^[A-Za-z0-9_-]{22}$/)
      })
    )
  })

  it('is the keyed hash of the length-prefixed address', () => {
    const parts = ['web', 'main', 'ana'].flatMap(part => {
      const length = Buffer.alloc(4)
      length.writeUInt32BE(part.length)
      return [length, Buffer.from(part, 'utf16le')]
    })
    const expected = createHmac('sha256', KEY).update(Buffer.concat(parts)).digest()

    const id = conversationId(KEY, { channel: 'web', account: 'main', user: 'ana' })

    assert.equal(id, expected.subarray(0, 16).toString('base64url'))
  })

  it('differs for distinct addresses, however close they look', () => {
    fc.assert(
      fc.property(anAddress, anAddress, (one, other) => {
        const same =
          one.channel === other.channel && one.account === other.account && one.user === other.user
        assert.equal(conversationId(KEY, one) === conversationId(KEY, other), same)
      })
    )
  })

  it('does not confuse the same letters cut at other places', () => {
    const ids = [
      { channel: 'ab', account: 'c', user: '' },
      { channel: 'a', account: 'bc', user: '' },
      { channel: '', account: 'ab', user: 'c' },
      { channel: 'abc', account: '', user: '' }
    ].map(address => conversationId(KEY, address))

    assert.equal(new Set(ids).size, ids.length)
  })

  it('holds for users of 4 KB and more', () => {
    const long = 'x'.repeat(5000)
    const one = conversationId(KEY, { channel: 'web', account: 'a', user: `${long}1` })
    const other = conversationId(KEY, { channel: 'web', account: 'a', user: `${long}2` })

    assert.notEqual(one, other)
  })

  it('depends on the key', () => {
    const address = { channel: 'web', account: 'main', user: 'ana' }
    const otherKey = new Uint8Array(32).fill(8)

    assert.notEqual(conversationId(KEY, address), conversationId(otherKey, address))
  })
})

describe('the partition of an id', () => {
  it('is the first byte of the hash', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), bytes => {
        assert.equal(partitionOf(Buffer.from(bytes).toString('base64url')), bytes[0])
      })
    )
  })
})

describe('the fingerprint of an outside id', () => {
  it('has 8 bytes and tells channel, account and id apart', () => {
    const of = (channel: string, account: string, id: string): string => {
      const bytes = fingerprint({ channel, account }, id)
      assert.equal(bytes.length, 8)
      return Buffer.from(bytes).toString('hex')
    }
    const differing = [of('x', 'b', 'c'), of('a', 'x', 'c'), of('a', 'b', 'x')]
    const all = [of('a', 'b', 'c'), of('ab', '', 'c'), of('a', 'bc', ''), ...differing]

    assert.equal(new Set(all).size, all.length)
    assert.equal(of('a', 'b', 'c'), all[0])
  })

  it('is not overwritten by the next one', () => {
    const first = fingerprint({ channel: 'a', account: 'b' }, 'one')
    const copy = Uint8Array.from(first)

    fingerprint({ channel: 'a', account: 'b' }, 'two')

    assert.deepEqual(Uint8Array.from(first), copy)
  })
})

describe('heads', () => {
  it('never repeat, within a process and across processes of one instance name', () => {
    const heads = [headsOf('bot-1', systemRandom), headsOf('bot-1', systemRandom)]
    const made = heads.flatMap(next => Array.from({ length: 500 }, next))

    assert.equal(new Set(made).size, 1000)
    assert.ok(made.every(head => /^bot-1\/[A-Za-z0-9_-]+\.[a-z0-9]+$/.test(head)))
  })

  it('name the instance that made them', () => {
    const head = headsOf('bot', seededRandom(1))()

    assert.equal(isHeadOf('bot', head), true)
    assert.equal(isHeadOf('bo', head), false)
    assert.equal(isHeadOf('bot/', head), false)
  })

  for (const instance of ['', 'a b', 'a:b', 'a/b', 'é', 'x'.repeat(65), 'a\n']) {
    it(`refuse the instance name ${JSON.stringify(instance).slice(0, 20)}`, () => {
      assert.throws(
        () => headsOf(instance, systemRandom),
        error => failureOf(error)?.code === 'CHP_SETTING_INVALID'
      )
    })
  }
})

describe('an epoch', () => {
  it('is 12 characters without a dot, colon or space', () => {
    const epochs = Array.from({ length: 200 }, () => epochOf(systemRandom))

    assert.ok(epochs.every(epoch => /^[A-Za-z0-9_-]{12}$/.test(epoch)))
    assert.equal(new Set(epochs).size, epochs.length)
  })

  it('tells whether its conversation began where nothing was stored', () => {
    const firsts = Array.from({ length: 200 }, () => firstEpochOf(systemRandom))

    assert.ok(firsts.every(epoch => /^[A-Za-z0-9_-]{13}$/.test(epoch) && isFirstEpoch(epoch)))
    assert.equal(new Set(firsts).size, firsts.length)
    const others = Array.from({ length: 500 }, () => epochOf(systemRandom))
    assert.ok(!others.some(isFirstEpoch))
  })
})
