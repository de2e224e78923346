import * as E from 'fp-ts/lib/Either.js'
import { failureOf } from '../../kernel/failure.ts'
import { UnheardClaims } from '../unheard-claims.ts'
import type { Answer, Deployment } from './deployment.ts'
import type { PartitionKeys, RedisKeys } from './keys.ts'
import type { Command } from './link.ts'
import type { Partly } from './partly.ts'
import { claimDue } from './scripts/claim-due.ts'
import { claimOwn } from './scripts/claim-own.ts'
import { time } from './scripts/time.ts'

/** Most conversations of one partition a restarted process looks at: more wait for the sweep. */
const OWN_MOST = 4096
/** How many of them one script looks at. */
const OWN_PAGE = 64
/** For so many that may be claimed one more of each partition is looked at. */
const LOOK_SHARE = 50

interface Waiting {
  readonly partition: PartitionKeys
  readonly ids: string[]
}

interface Look {
  readonly partition: PartitionKeys
  readonly row: readonly string[]
}

/** Claims what is due, over all partitions that answer. */
export class Sweep {
  readonly #deployment: Deployment
  readonly #keys: RedisKeys
  readonly #partly: Partly
  #ownWalk: Waiting[] | null = null
  readonly #unheard = new UnheardClaims()

  constructor(deployment: Deployment, keys: RedisKeys, partly: Partly) {
    this.#deployment = deployment
    this.#keys = keys
    this.#partly = partly
  }

  /** What is due, and first what was claimed before and not heard of. */
  claimDue(limit: number, leaseMs: number): Promise<readonly string[]> {
    return this.#unheard.claimed(limit, room => this.#claimDue(room, leaseMs))
  }

  /** One look at the earliest of every partition, then a claim where the earliest of all are. */
  async #claimDue(limit: number, leaseMs: number): Promise<readonly string[]> {
    const { run } = this.#deployment
    const most = Math.ceil(limit / LOOK_SHARE)
    const nowMs = await time(run)
    const looks = await this.#looks(({ due }) => [
      'zrangebyscore',
      due,
      '-inf',
      nowMs,
      'WITHSCORES',
      'LIMIT',
      0,
      most
    ])
    const pages = claimedOf(looks, limit, most).map(async ({ partition, count, seen }) => {
      try {
        return await claimDue(run, partition, count, leaseMs)
      } catch (error) {
        // The script may have run: then it has claimed those that were seen before it.
        if (failureOf(error)?.code === 'CHP_STORE_UNAVAILABLE') this.#unheard.keep(seen)
        throw error
      }
    })
    return (await this.#partly.some(pages)).flat()
  }

  /** Walks once over all partitions; an empty answer ends the walk, the next call begins anew. */
  async claimOwn(instance: string, limit: number, leaseMs: number): Promise<readonly string[]> {
    const { run } = this.#deployment
    const walk = this.#ownWalk ?? (await this.#waiting(leaseMs))
    this.#ownWalk = walk
    const own: string[] = []
    while (own.length < limit && walk.length > 0) {
      const { partition, ids } = walk.at(-1)!
      const page = ids.splice(0, Math.min(OWN_PAGE, limit - own.length))
      if (ids.length === 0) walk.pop()
      const candidates = page.map(id => ({ id, state: this.#keys.conversation(id).state }))
      own.push(...(await claimOwn(run, partition, candidates, { instance, leaseMs })))
    }
    if (own.length === 0) this.#ownWalk = null
    return own
  }

  async #waiting(leaseMs: number): Promise<Waiting[]> {
    const untilMs = (await time(this.#deployment.run)) + leaseMs
    const looks = await this.#looks(({ due }) => [
      'zrangebyscore',
      due,
      '-inf',
      untilMs,
      'LIMIT',
      0,
      OWN_MOST
    ])
    return looks
      .map(({ partition, row }) => ({ partition, ids: [...row] }))
      .filter(({ ids }) => ids.length > 0)
  }

  /** Asks every partition one thing, in one write a master. */
  #looks(question: (partition: PartitionKeys) => Command): Promise<readonly Look[]> {
    const { partitions } = this.#keys
    const shares = this.#deployment.shares(partitions.map(({ due }) => due))
    return this.#partly.all(
      shares.flatMap(({ master, at }) => {
        const asked = at.map(place => partitions[place]!)
        const answers = master.batch(asked.map(question))
        return asked.map(async (partition, place) => ({
          partition,
          row: rowOf((await answers)[place]!)
        }))
      })
    )
  }
}

function rowOf(answer: Answer): readonly string[] {
  if (E.isLeft(answer)) throw answer.left
  return answer.right as readonly string[]
}

interface Share {
  readonly partition: PartitionKeys
  /** The earliest of those that are claimed. */
  readonly seen: readonly string[]
  readonly count: number
}

/**
 * How many of each partition are among the earliest of all, those partitions first that have the
 * earliest; what the limit leaves goes to those that may have more than was looked at.
 */
function claimedOf(looks: readonly Look[], limit: number, most: number): readonly Share[] {
  const counts = new Map<Look, number>()
  const found = looks
    .flatMap(look => dueTimes(look).map(dueMs => ({ look, dueMs })))
    .toSorted((one, other) => one.dueMs - other.dueMs)
    .slice(0, limit)
  for (const { look } of found) counts.set(look, (counts.get(look) ?? 0) + 1)
  const full = [...counts].filter(([look]) => dueTimes(look).length === most)
  const more = full.length === 0 ? 0 : Math.floor((limit - found.length) / full.length)
  for (const [look, count] of full) counts.set(look, count + more)
  return [...counts].map(([look, count]) => {
    const seen = look.row.filter((_, at) => at % 2 === 0).slice(0, count)
    return { partition: look.partition, count, seen }
  })
}

/** A row is ids and scores in turns. */
function dueTimes({ row }: Look): readonly number[] {
  return row.filter((_, at) => at % 2 === 1).map(Number)
}
