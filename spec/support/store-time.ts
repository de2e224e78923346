import type { Redis } from 'ioredis'

const OFFSET = 'spec:offset-ms'
const SHIFTED = `(function()
  local time = redis.call('TIME')
  local micros = time[1] * 1e6 + time[2] + (redis.call('GET', '${OFFSET}') or 0) * 1e3
  return { string.format('%.0f', math.floor(micros / 1e6)), string.format('%.0f', micros % 1e6) }
end)()`

/** A Redis whose time a spec moves forward: its scripts add an offset that stands in a key. */
export const storeTime = {
  parts: {
    edited: (lua: string): string =>
      lua.replace(/(redis\.)?call\('TIME'\)/g, SHIFTED.replaceAll('\n', ' '))
  },
  /** Moves time forward; keys that expire come that much closer to it. */
  advance: async (redis: Redis, ms: number): Promise<void> => {
    await redis.incrby(OFFSET, ms)
    for (const key of await redis.keys('chp:*')) {
      const left = await redis.pttl(key)
      if (left >= 0) await redis.pexpire(key, Math.max(0, left - ms))
    }
  }
}
