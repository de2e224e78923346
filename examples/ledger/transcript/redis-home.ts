import { Redis } from 'ioredis'
import type { ConversationStore } from '../../../lib/store/conversation-store.ts'
import { redisKeys } from '../../../lib/store/redis/keys.ts'
import { redisStore } from '../../../lib/store/redis/redis-store.ts'
import type { SimulatedClock } from '../../../lib/testing/simulated-clock.ts'
import type { StoreHome, StoreKind } from './store-home.ts'

const TIME_CALL = /(redis\.)?call\('TIME'\)/g

/** A namespace of its own for every case, on one server. */
export function redisHome({ url }: { readonly url: string }): StoreKind {
  let cases = 0
  return async () => {
    cases += 1
    const client = new Redis(url, { maxRetriesPerRequest: 0 })
    return new RedisHome(client, url, `case-${cases}`)
  }
}

/**
 * Redis reads its own clock inside the scripts; here they are given the time of the case, which
 * stands in a key of its own and is written there before it is needed.
 */
class RedisHome implements StoreHome {
  readonly #client: Redis
  readonly #url: string
  readonly #namespace: string
  readonly #timeKey: string
  #toldMs = Number.NaN

  constructor(client: Redis, url: string, namespace: string) {
    this.#client = client
    this.#url = url
    this.#namespace = namespace
    this.#timeKey = `time-of:${namespace}`
  }

  open(clock: SimulatedClock): ConversationStore {
    const options = { url: this.#url, namespace: this.#namespace }
    const store = redisStore(options, { clock, edited: lua => this.#timed(lua) })
    const tell = async (): Promise<void> => {
      const nowMs = clock.nowMs()
      if (nowMs === this.#toldMs) return
      await this.#client.set(this.#timeKey, String(nowMs))
      this.#toldMs = nowMs
    }
    return new Proxy(store, {
      get: (target, name): unknown => {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        return async (...args: readonly unknown[]): Promise<unknown> => {
          await tell()
          return Reflect.apply(value, target, args) as unknown
        }
      }
    })
  }

  async rewrite(id: string, change: Parameters<StoreHome['rewrite']>[1]): Promise<void> {
    const { state, history } = redisKeys(this.#namespace).conversation(id)
    const client = this.#client
    const stored = await client.hmget(state, 'r0', 'r1')
    const slots = stored.flatMap((text, index) =>
      text === null ? [] : [{ field: `r${index}`, text }]
    )
    const rows = await client.lrange(history, 0, -1)
    const changed = change({ records: slots.map(({ text }) => text), history: rows })
    for (const [index, { field }] of slots.entries()) {
      await client.hset(state, field, changed.records[index]!)
    }
    for (const [index, row] of changed.history.entries()) await client.lset(history, index, row)
  }

  async remove(): Promise<void> {
    await this.#client.quit()
  }

  #timed(lua: string): string {
    const read = `local ms = redis.call('GET', '${this.#timeKey}')`
    const parts = `string.sub(ms, 1, -4), string.sub(ms, -3) .. '000'`
    return lua.replaceAll(TIME_CALL, `(function() ${read} return { ${parts} } end)()`)
  }
}
