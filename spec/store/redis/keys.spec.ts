import assert from 'node:assert/strict'
import { redisKeys } from '../../../lib/store/redis/keys.ts'
import { SLOT_TAGS } from '../../../lib/store/redis/slot-tags.ts'

// CRC16-XMODEM as the Redis Cluster specification gives it.
function slotOf(text: string): number {
  let crc = 0
  for (const byte of Buffer.from(text)) {
    crc ^= byte << 8
    for (let bit = 0; bit < 8; bit += 1) {
      crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff
    }
  }
  return crc % 16_384
}

describe('the slot tags', () => {
  it('are the smallest numbers that fall on every 64th slot', () => {
    const smallest = new Map<number, string>()
    for (let number = 0; smallest.size < 256; number += 1) {
      const slot = slotOf(String(number))
      if (slot % 64 === 0 && !smallest.has(slot)) smallest.set(slot, String(number))
    }

    assert.equal(slotOf('123456789'), 0x31c3)
    assert.deepEqual(
      SLOT_TAGS,
      Array.from({ length: 256 }, (_, at) => smallest.get(64 * at))
    )
  })
})

describe('the keys of a conversation', () => {
  const keys = redisKeys('bot-1')
  const idIn = (partition: number): string =>
    Buffer.from([partition, ...Array.from({ length: 15 }, (_, at) => at)]).toString('base64url')

  it('share one slot with the indexes of its partition', () => {
    for (let partition = 0; partition < 256; partition += 1) {
      const { state, history, parked, partition: indexes } = keys.conversation(idIn(partition))
      const { due, index, parked: parkedIndex, held } = indexes
      const all = [state, history, parked, due, index, parkedIndex, held]
      const tags = new Set(all.map(key => /\{(\d+)\}/.exec(key)?.[1]))

      assert.deepEqual([...tags], [SLOT_TAGS[partition]])
      assert.equal(new Set(all).size, all.length)
      assert.equal(indexes, keys.partitions[partition])
    }
  })

  it('begin with the namespace, which no other namespace can begin', () => {
    const others = ['bot', 'bot-1-', 'bot-1.x'].map(name => redisKeys(name).layout)

    assert.equal(keys.layout, 'chp:bot-1:layout')
    assert.ok(keys.conversation(idIn(3)).state.startsWith('chp:bot-1:{'))
    assert.ok(others.every(layout => !layout.startsWith('chp:bot-1:')))
  })
})
