import { readFileSync } from 'node:fs'
import { bareClient, checkVersions } from '../bare-client.ts'
import type { Contestant, Load } from '../contestant.ts'

const LUA = readFileSync(new URL('./opt2.lua', import.meta.url), 'utf8')
const HISTORY_ROWS = '20'
const DAY_MS = '86400000'
const TTL_EVERY = 20

const STATE = JSON.stringify({
  stage: 'CHECKOUT',
  lang: 'de',
  user: { id: 123_456_789, name: 'Ada Lovelace', tz: 'Europe/Berlin' },
  cart: Array.from({ length: 6 }, (_, at) => ({
    sku: `SKU-${1000 + at}`,
    qty: at + 1,
    price: 19.99 + at
  })),
  form: { street: 'Musterstrasse 12', zip: '10115', city: 'Berlin', phone: '+4915112345678' },
  flags: { vip: true, opt: false },
  retries: 0,
  updatedAt: 1_732_100_000_000,
  note: 'x'.repeat(60)
})
const ROW = JSON.stringify({
  t: 1_732_100_000_000,
  in: 'I would like to change my delivery address please',
  from: 'CART',
  to: 'CHECKOUT',
  out: 1,
  id: 'wamid.HBgLNDk'
})
const REPLY = JSON.stringify({
  k: 'text',
  to: '123456789',
  text: 'Sure! Please send me your new street and house number, then I will update it.',
  kb: [['Cancel', 'Back'], ['Menu']]
})

type Reply = readonly [tag: string, version: number]

/** The floor that never moves: a bare loop around the frozen script, with texts made beforehand. */
export async function opt2(url: string, load: Load): Promise<Contestant<Reply>> {
  const redis = await bareClient(url)
  const sha = (await redis.script('LOAD', LUA)) as string
  const keys = Array.from(
    { length: load.conversations },
    (_, at) => [`c:{${at}}:s`, `c:{${at}}:h`] as const
  )
  return {
    take: (at, turn) => {
      const [state, history] = keys[at]!
      const ttl = turn % TTL_EVERY === 0 ? DAY_MS : '0'
      const acknowledged = turn === 0 ? '0' : '1'
      const id = `wamid.HBgL${at}.${turn}`
      const rest = [HISTORY_ROWS, ttl, acknowledged, REPLY] as const
      return redis.evalsha(sha, 2, state, history, turn, STATE, id, ROW, ...rest) as Promise<Reply>
    },
    check: ([tag, version], _at, turn) => {
      if (tag !== 'OK' || version !== turn + 1) {
        throw new Error(`Turn ${turn} was answered "${tag}" ${version}.`)
      }
    },
    verify: async turns => {
      const versions = await Promise.all(keys.map(([state]) => redis.hget(state, 'v')))
      checkVersions(versions.map(Number), turns)
    },
    close: async () => redis.disconnect()
  }
}
