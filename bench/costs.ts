import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Redis } from 'ioredis'
import type { Commit, Fence } from '../lib/store/conversation-store.ts'
import { redisKeys } from '../lib/store/redis/keys.ts'
import { commit } from '../lib/store/redis/scripts/commit.ts'
import type { RunScript } from '../lib/store/redis/scripts/script.ts'
import { fenceOf, readFence, standingText } from '../lib/store/standing.ts'

const NAIVE = readFileSync(new URL('./contestants/naive.lua', import.meta.url), 'utf8')
const HISTORY_ROWS = 20
const DAY_MS = 86_400_000
const NOW_MS = 1_800_000_000_000
const FULL_EVERY = 5

/** One conversation that commits, and the keys it lives in. */
export interface Committer {
  commit(): Promise<void>
  readonly keys: readonly string[]
}

/** One that can be taken to a version at once. */
export interface AgingCommitter extends Committer {
  age(version: number): Promise<void>
}

/** What commits cost the server, each. */
export interface Cost {
  /** Time inside the script, as the server counts it. */
  readonly scriptUs: number
  /** Time of the server's main thread, reading and answering included. */
  readonly threadUs: number
  readonly aofBytes: number
}

/** How many conversations commit, how often, and how many of them at once. */
export interface CostLoad {
  readonly conversations: number
  readonly commits: number
  readonly inFlight: number
}

/** The texts of one commit, 587, 135 and 150 bytes: a conversation in the middle of a form. */
const TEXTS = {
  record: JSON.stringify({ core: 'c'.repeat(200), flow: 'f'.repeat(296), meta: 'm'.repeat(60) }),
  history: JSON.stringify({ cause: 'inbound:wamid.HBgLNDk', changed: 'x'.repeat(89) }),
  reply: JSON.stringify({ kind: 'text', text: 'r'.repeat(125) })
} as const

/** A client, and conversations that commit through it. */
export class CostBench {
  readonly redis: Redis
  readonly #shas = new Map<string, string>()
  #count = 0

  constructor(redis: Redis) {
    this.redis = redis
  }

  /** Begins with an empty server. */
  async clear(): Promise<void> {
    await this.redis.flushall()
  }

  close(): void {
    this.redis.disconnect()
  }

  /** A conversation on the naive script. */
  naive(): Committer {
    const name = this.#next()
    const keys = ['s', 'h', 'o'].map(key => `c:{${name}}:${key}`)
    let version = 0
    return {
      keys,
      commit: async () => {
        const fixed = [TEXTS.history, HISTORY_ROWS, DAY_MS, version === 0 ? 0 : 1, TEXTS.reply]
        const args = [...keys, version, TEXTS.record, `wamid.${this.#next()}`, ...fixed]
        const [tag] = (await this.#eval(NAIVE, [3, ...args])) as [string]
        if (tag !== 'OK') throw new Error(`The naive script answered "${tag}".`)
        version += 1
      }
    }
  }

  /**
   * A conversation on the shipped script, with so many ids in its window; `commits` bring an id of
   * their own unless the window is to stay empty. Every fifth history row bears a full record.
   */
  async shipped(windowIds: number): Promise<AgingCommitter> {
    const id = createHash('md5').update(`c${this.#next()}`).digest().toString('base64url')
    const keys = redisKeys('bench').conversation(id)
    if (windowIds > 0) await this.#fillWindow(keys.state, id, windowIds)
    let fence: Fence | null = null
    return {
      keys: [keys.state, keys.history],
      commit: async () => {
        const step = this.#step(fence, id, windowIds > 0)
        const outcome = await commit(this.#run, keys, id, step)
        if (outcome.tag !== 'committed') throw new Error(`The commit was "${outcome.tag}".`)
        fence = outcome.fence
      },
      // What differs after so many commits is the version: all else is bounded.
      age: async version => {
        const { standing, remembered } = readFence(fence!)
        const aged = { ...standing, version }
        fence = fenceOf(aged, remembered)
        await this.redis.hset(keys.state, 'm', standingText(aged))
      }
    }
  }

  /** Lets every conversation commit so often, and says what each commit cost. */
  async cost(committers: readonly Committer[], { commits, inFlight }: CostLoad): Promise<Cost> {
    await this.redis.config('RESETSTAT')
    const before = await this.#spent()
    await Promise.all(
      Array.from({ length: inFlight }, async (_, first) => {
        for (let turn = 0; turn < commits; turn += 1) {
          for (let at = first; at < committers.length; at += inFlight) {
            await committers[at]!.commit()
          }
        }
      })
    )
    const after = await this.#spent()
    const all = committers.length * commits
    return {
      scriptUs: after.scriptUs / all,
      threadUs: (after.threadUs - before.threadUs) / all,
      aofBytes: (after.aofBytes - before.aofBytes) / all
    }
  }

  /** What the keys of these conversations take in memory, each. */
  async bytes(committers: readonly Committer[]): Promise<number> {
    const keys = committers.flatMap(({ keys }) => keys)
    const sizes = await Promise.all(
      keys.map(async key => Number(await this.redis.memory('USAGE', key, 'SAMPLES', 0)))
    )
    return sizes.reduce((sum, size) => sum + size, 0) / committers.length
  }

  readonly #run: RunScript = async (script, args, read) =>
    read((await this.#eval(script.lua, args)) as never, null as never)

  async #eval(lua: string, [keys, ...rest]: readonly (string | number)[]): Promise<unknown> {
    let sha = this.#shas.get(lua)
    if (sha === undefined) {
      sha = createHash('sha1').update(lua).digest('hex')
      this.#shas.set(lua, sha)
      await this.redis.script('LOAD', lua)
    }
    return this.redis.evalsha(sha, Number(keys), ...rest)
  }

  #step(parent: Fence | null, id: string, brings: boolean): Commit {
    const version = parent?.version ?? 0
    const standing = parent === null ? null : readFence(parent).standing
    const count = this.#next()
    return {
      parent,
      epoch: `e${id.slice(0, 8)}`,
      head: `bench/a1b2c3d4.${count}`,
      record: TEXTS.record,
      attached: false,
      unreadable: null,
      fingerprint: brings ? createHash('sha256').update(count).digest().subarray(0, 8) : null,
      history: version % FULL_EVERY === 0 ? TEXTS.history + TEXTS.record : TEXTS.history,
      replies: [TEXTS.reply],
      openCall: null,
      closeCalls: [],
      effect: false,
      // Each later than the one before: what is set already is earlier, as in a busy conversation.
      dueMs: NOW_MS + version,
      activeMs: NOW_MS,
      acknowledgedThrough: standing === null ? null : standing.outNext - 1,
      take: 0,
      append: null,
      park: null,
      held: null
    }
  }

  async #fillWindow(state: string, id: string, ids: number): Promise<void> {
    const [seconds] = (await this.redis.time()) as unknown as [number]
    const buckets = new Map<string, Buffer[]>()
    for (let at = 0; at < ids; at += 1) {
      const entry = Buffer.alloc(14)
      createHash('sha256').update(`${id}${at}`).digest().copy(entry, 0, 0, 8)
      entry.writeUInt32BE(Number(seconds), 8)
      const bucket = `d${entry[0]! % 64}`
      buckets.set(bucket, [...(buckets.get(bucket) ?? []), entry])
    }
    const fields = [...buckets].flatMap(([field, entries]) => [field, Buffer.concat(entries)])
    await this.redis.hset(state, ...fields)
  }

  async #spent(): Promise<{ scriptUs: number; threadUs: number; aofBytes: number }> {
    let info = ''
    const named = (name: RegExp): number => Number(name.exec(info)?.[1] ?? 0)
    // What is not written to the file yet is not counted in its size.
    do info = await this.redis.info('everything')
    while (named(/^aof_buffer_length:(\d+)/m) > 0)
    const seconds =
      named(/^used_cpu_user_main_thread:([\d.]+)/m) + named(/^used_cpu_sys_main_thread:([\d.]+)/m)
    return {
      scriptUs: named(/^cmdstat_evalsha:.*?usec=(\d+)/m),
      threadUs: seconds * 1e6,
      aofBytes: named(/^aof_current_size:(\d+)/m)
    }
  }

  #next(): string {
    this.#count += 1
    return this.#count.toString(36).padStart(6, '0')
  }
}
