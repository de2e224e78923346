import assert from 'node:assert/strict'
import fc from 'fast-check'
import { slotOf } from '../../../lib/store/redis/key-slot.ts'
import { redisKeys } from '../../../lib/store/redis/keys.ts'
import { SLOT_TAGS } from '../../../lib/store/redis/slot-tags.ts'

describe('the slot of a key', () => {
  it('is that of the Redis Cluster specification', () => {
    assert.equal(slotOf('123456789'), 0x31c3)
    assert.equal(slotOf('{user1000}.following'), slotOf('user1000'))
    assert.equal(slotOf('foo{}{bar}'), slotOf('foo{}{bar}'))
    assert.notEqual(slotOf('foo{}{bar}'), slotOf('bar'))
    assert.equal(slotOf('foo{{bar}}zap'), slotOf('{bar'))
    assert.equal(slotOf('foo{bar'), slotOf('xfoo{bar'.slice(1)))
  })

  it('is one for all keys of a conversation, whatever its id', () => {
    const id = fc
      .uint8Array({ minLength: 16, maxLength: 16 })
      .map(bytes => Buffer.from(bytes).toString('base64url'))
    const namespace = fc.stringMatching(/^[a-z][a-z0-9.-]{0,20}$/)

    fc.assert(
      fc.property(id, namespace, (drawn, name) => {
        const { state, history, parked, partition } = redisKeys(name).conversation(drawn)
        const keys = [state, history, parked, partition.due, partition.index, partition.parked]
        assert.equal(new Set(keys.map(slotOf)).size, 1)
        assert.equal(slotOf(state), 64 * Buffer.from(drawn, 'base64url')[0]!)
      })
    )
  })

  it('falls on every 64th slot for our tags', () => {
    assert.deepEqual(
      SLOT_TAGS.map(tag => slotOf(`chp:main:{${tag}}:due`)),
      Array.from({ length: 256 }, (_, at) => 64 * at)
    )
  })
})
