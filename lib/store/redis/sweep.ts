import type { PartitionKeys, RedisKeys } from './keys.ts'
import type { RedisClient } from './redis-client.ts'
import { claimDue } from './scripts/claim-due.ts'
import { claimOwn } from './scripts/claim-own.ts'
import { time } from './scripts/time.ts'

/** Most conversations of one partition a restarted process looks at: more wait for the sweep. */
const OWN_MOST = 4096
/** How many of them one script looks at. */
const OWN_PAGE = 64

interface Waiting {
  readonly partition: PartitionKeys
  readonly ids: string[]
}

/** Claims what is due, over all partitions. */
export class Sweep {
  readonly #client: RedisClient
  readonly #keys: RedisKeys
  #ownWalk: Waiting[] | null = null

  constructor(client: RedisClient, keys: RedisKeys) {
    this.#client = client
    this.#keys = keys
  }

  /** One look at the earliest of every partition, then a claim where something is due. */
  async claimDue(limit: number, leaseMs: number): Promise<readonly string[]> {
    const { partitions } = this.#keys
    const [nowMs, earliest] = await Promise.all([
      time(this.#client.run),
      this.#client.batch(partitions.map(({ due }) => ['zrange', due, 0, 0, 'WITHSCORES']))
    ])
    const due = partitions
      .map((partition, at) => ({ partition, wakeMs: scoreOf(earliest[at]) }))
      .filter(({ wakeMs }) => wakeMs <= nowMs)
      .toSorted((one, other) => one.wakeMs - other.wakeMs)
      .slice(0, limit)
    const share = Math.max(1, Math.floor(limit / Math.max(1, due.length)))
    const pages = await Promise.all(
      due.map(async ({ partition }) => claimDue(this.#client.run, partition, share, leaseMs))
    )
    return pages.flat()
  }

  /** Walks once over all partitions; an empty answer ends the walk, the next call begins anew. */
  async claimOwn(instance: string, limit: number, leaseMs: number): Promise<readonly string[]> {
    const walk = this.#ownWalk ?? (await this.#waiting(leaseMs))
    this.#ownWalk = walk
    const own: string[] = []
    while (own.length < limit && walk.length > 0) {
      const { partition, ids } = walk.at(-1)!
      const page = ids.splice(0, Math.min(OWN_PAGE, limit - own.length))
      if (ids.length === 0) walk.pop()
      const candidates = page.map(id => ({ id, state: this.#keys.conversation(id).state }))
      own.push(...(await claimOwn(this.#client.run, partition, candidates, { instance, leaseMs })))
    }
    if (own.length === 0) this.#ownWalk = null
    return own
  }

  async #waiting(leaseMs: number): Promise<Waiting[]> {
    const { partitions } = this.#keys
    const untilMs = (await time(this.#client.run)) + leaseMs
    const rows = await this.#client.batch(
      partitions.map(({ due }) => ['zrangebyscore', due, '-inf', untilMs, 'LIMIT', 0, OWN_MOST])
    )
    return partitions
      .map((partition, at) => ({ partition, ids: [...(rows[at] as readonly string[])] }))
      .filter(({ ids }) => ids.length > 0)
  }
}

function scoreOf(row: unknown): number {
  const [, score] = row as readonly string[]
  return score === undefined ? Number.POSITIVE_INFINITY : Number(score)
}
