import { Redis } from 'ioredis'
import { SLOT_TAGS } from '../../lib/store/redis/slot-tags.ts'
import type { ClusterGroup } from './redis-cluster.ts'

// One of each third of the slots: every master holds one.
const TAGS = [0, 128, 255].map(at => `'{${SLOT_TAGS[at]}}'`).join(', ')

// A script may only look at its own slot, so every partition has an offset; a script without keys
// looks for one that its server holds.
const SHIFTED = `(function()
  local time = redis.call('TIME')
  local tag = KEYS[1] and string.match(KEYS[1], '{%d+}')
  local offset
  for _, own in ipairs(tag and { tag } or { ${TAGS} }) do
    offset = redis.pcall('GET', 'spec:' .. own .. ':offset-ms')
    if type(offset) == 'string' then break end
  end
  if type(offset) ~= 'string' then offset = 0 end
  local micros = time[1] * 1e6 + time[2] + offset * 1e3
  return { string.format('%.0f', math.floor(micros / 1e6)), string.format('%.0f', micros % 1e6) }
end)()`

/** Like `storeTime`, for a Cluster. */
export const clusterTime = {
  parts: {
    edited: (lua: string): string =>
      lua.replace(/(redis\.)?call\('TIME'\)/g, SHIFTED.replaceAll('\n', ' '))
  },
  /** Moves time forward on every master; keys that expire come that much closer to it. */
  advance: async ({ masters }: Pick<ClusterGroup, 'masters'>, ms: number): Promise<void> => {
    for (const { url } of masters) {
      const redis = new Redis(url)
      for (const tag of SLOT_TAGS) {
        await redis.incrby(`spec:{${tag}}:offset-ms`, ms).catch(isElsewhere)
      }
      for (const key of await redis.keys('chp:*')) {
        const left = await redis.pttl(key)
        if (left >= 0) await redis.pexpire(key, Math.max(0, left - ms))
      }
      redis.disconnect()
    }
  }
}

function isElsewhere(error: unknown): void {
  if (!(error instanceof Error && error.message.startsWith('MOVED'))) throw error
}
