import { failureOf } from '../../lib/kernel/failure.ts'
import { seededRandom } from '../../lib/kernel/random.ts'
import type { ConversationStore, Fence } from '../../lib/store/conversation-store.ts'
import { aCommit, aPrint } from '../../lib/testing/store-contract/store-check.ts'

const PARTITIONS = 256

/** What writers saw while a fault went on, and what the store holds in the end. */
export interface LoadFigures {
  /** Increments that were acknowledged, as committed or as a duplicate. */
  readonly commits: number
  /** Calls whose outcome was unknown, and calls that were refused; each was repeated. */
  readonly unknown: number
  readonly refused: number
  /** Repeats that found their first call done. */
  readonly duplicates: number
  /** Acknowledged increments that the store does not hold in the end. */
  readonly lost: number
  /** Increments that it holds twice. */
  readonly doubled: number
  /** Conversations of which an older state was met. */
  readonly rollbacks: number
  /** Conversations that lost something and of which no older state was met. */
  readonly unnoticed: number
  /** Longest time without an acknowledgement in one conversation, of all and of each. */
  readonly longestGapMs: number
  readonly gapMs: ReadonlyMap<string, number>
  /** Longest time that one call took to settle. */
  readonly longestCallMs: number
}

/** One increment; its head stays the same until it is known what became of it. */
interface Try {
  readonly increment: number
  readonly head: string
  readonly parent: string | null
}

/** The figures as one line of a report. */
export function figuresLine(fault: string, figures: LoadFigures): string {
  const ms = (span: number): string => `${Math.round(span).toLocaleString('en')} ms`
  const { commits, unknown, refused, duplicates, lost, doubled, rollbacks, unnoticed } = figures
  return [
    `${fault}: commits ${commits.toLocaleString('en')}`,
    ...Object.entries({ unknown, refused, duplicates, lost, doubled, rollbacks, unnoticed }).map(
      ([name, count]) => `${name} ${count.toLocaleString('en')}`
    ),
    `longest gap ${ms(figures.longestGapMs)}`,
    `longest call ${ms(figures.longestCallMs)}`
  ].join(', ')
}

class Talk {
  readonly id: string
  /** Every commit that was ever tried, by head. */
  readonly tries = new Map<string, Try>()
  readonly acknowledged = new Set<number>()
  rolledBack = false
  longestGapMs = 0
  #lastMs = performance.now()

  constructor(id: string) {
    this.id = id
  }

  acknowledge(increment: number): void {
    this.acknowledged.add(increment)
    this.mark()
  }

  mark(): void {
    const nowMs = performance.now()
    this.longestGapMs = Math.max(this.longestGapMs, nowMs - this.#lastMs)
    this.#lastMs = nowMs
  }
}

/**
 * Writers that increment conversations, two or more of them each, while the store is harmed.
 *
 * A call with an unknown outcome is repeated with the same head until it is known, as a turn does.
 */
export class RedisLoad {
  readonly #talks: readonly Talk[]
  readonly #writers: readonly Promise<void>[]
  readonly #random = seededRandom(7)
  readonly #counts = { unknown: 0, refused: 0, duplicates: 0, longestCallMs: 0 }
  #increments = 0
  #stopped = false

  /** Starts; each store is one writer of every conversation. */
  constructor(stores: readonly ConversationStore[], conversations = 24) {
    this.#talks = Array.from({ length: conversations }, (_, at) => {
      const bytes = this.#random.bytes(16)
      bytes[0] = Math.floor((at * PARTITIONS) / conversations)
      return new Talk(Buffer.from(bytes).toString('base64url'))
    })
    this.#writers = this.#talks.flatMap(talk => stores.map(async store => this.#write(store, talk)))
  }

  get ids(): readonly string[] {
    return this.#talks.map(({ id }) => id)
  }

  /** Increments that were acknowledged so far, of some conversations or all. */
  acknowledged(ids: readonly string[] = this.ids): number {
    return this.#talks
      .filter(({ id }) => ids.includes(id))
      .reduce((sum, { acknowledged }) => sum + acknowledged.size, 0)
  }

  /** Resolves when so many more increments were acknowledged. */
  async more(increments: number, withinMs = 60_000): Promise<void> {
    const enough = this.acknowledged() + increments
    const until = performance.now() + withinMs
    while (this.acknowledged() < enough) {
      if (performance.now() > until) throw new Error(`no ${increments} more within ${withinMs} ms`)
      await pause(20)
    }
  }

  /** Resolves when every one of these conversations went on. */
  async goneOn(ids: readonly string[] = this.ids, withinMs = 30_000): Promise<void> {
    const before = new Map(ids.map(id => [id, this.acknowledged([id])]))
    const until = performance.now() + withinMs
    while (ids.some(id => this.acknowledged([id]) === before.get(id))) {
      if (performance.now() > until) throw new Error(`not all went on within ${withinMs} ms`)
      await pause(20)
    }
  }

  /** Lets every writer finish what it is at, then compares with what the store holds. */
  async figures(store: ConversationStore): Promise<LoadFigures> {
    this.#stopped = true
    await Promise.all(this.#writers)
    for (const talk of this.#talks) talk.mark()
    const ends = await Promise.all(this.#talks.map(async talk => endOf(store, talk)))
    const gaps = this.#talks.map(({ id, longestGapMs }) => [id, longestGapMs] as const)
    return {
      ...this.#counts,
      commits: this.acknowledged(),
      lost: sum(ends.map(({ lost }) => lost)),
      doubled: sum(ends.map(({ doubled }) => doubled)),
      rollbacks: this.#talks.filter(({ rolledBack }) => rolledBack).length,
      unnoticed: ends.filter(({ lost }, at) => lost > 0 && !this.#talks[at]!.rolledBack).length,
      longestGapMs: Math.max(...gaps.map(([, ms]) => ms)),
      gapMs: new Map(gaps)
    }
  }

  async #write(store: ConversationStore, talk: Talk): Promise<void> {
    let parent: Fence | null = null
    while (!this.#stopped) {
      const increment = (this.#increments += 1)
      const fingerprint = aPrint()
      parent = await this.#increment(store, talk, { increment, fingerprint, parent })
      await pause(1 + this.#random.fraction() * 4)
    }
  }

  /** One increment, decided again after each conflict, until it is acknowledged. */
  async #increment(store: ConversationStore, talk: Talk, given: Increment): Promise<Fence | null> {
    const { increment, fingerprint } = given
    let { parent } = given
    for (;;) {
      const commit = aCommit(parent, { fingerprint, record: String(increment) })
      talk.tries.set(commit.head, { increment, head: commit.head, parent: parent?.head ?? null })
      const outcome = await this.#known(() => store.commit(talk.id, commit))
      if (outcome === null) return null
      if (outcome.tag === 'committed') {
        talk.acknowledge(increment)
        return outcome.fence
      }
      if (outcome.tag === 'duplicate') {
        this.#counts.duplicates += 1
        talk.acknowledge(increment)
      } else if (outcome.tag === 'gone') talk.rolledBack = true
      else if (outcome.tag !== 'conflict') throw new Error(`unexpected ${outcome.tag}`)
      else if (parent !== null && isOlder(outcome, parent)) talk.rolledBack = true
      const loaded = await this.#known(() => store.load(talk.id))
      if (loaded === null) return null
      if (parent !== null && (loaded.fence?.version ?? 0) < parent.version) talk.rolledBack = true
      parent = loaded.fence
      if (outcome.tag === 'duplicate') return parent
    }
  }

  /** Repeats a call until its outcome is known; null when the load was stopped before. */
  async #known<T>(call: () => Promise<T>): Promise<T | null> {
    for (let tries = 0; ; tries += 1) {
      const began = performance.now()
      try {
        return await call()
      } catch (error) {
        const code = failureOf(error)?.code
        if (code === 'CHP_STORE_UNAVAILABLE' || code === 'CHP_STORE_NOT_DURABLE')
          this.#counts.unknown += 1
        else if (code === 'CHP_STORE_REFUSED') this.#counts.refused += 1
        else throw error
      } finally {
        const tookMs = performance.now() - began
        this.#counts.longestCallMs = Math.max(this.#counts.longestCallMs, tookMs)
      }
      if (this.#stopped && tries > 200) return null
      await pause(10 + this.#random.fraction() * Math.min(100, 10 * 2 ** tries))
    }
  }
}

interface Increment {
  readonly increment: number
  readonly fingerprint: Uint8Array
  readonly parent: Fence | null
}

/** What the store holds of a conversation: its commits, back to the first, by their parents. */
async function endOf(store: ConversationStore, talk: Talk) {
  const { fence, record } = await store.load(talk.id)
  const held: number[] = []
  for (let head = fence?.head ?? null; head !== null; ) {
    const found: Try | undefined = talk.tries.get(head)
    if (found === undefined) throw new Error(`${talk.id} holds a commit that nobody tried`)
    held.push(found.increment)
    head = found.parent
  }
  if (held.length !== (fence?.version ?? 0)) throw new Error(`${talk.id} has a gap in its versions`)
  if (fence !== null && record !== String(held[0]))
    throw new Error(`${talk.id} holds another record`)
  const kept = new Set(held)
  return {
    lost: [...talk.acknowledged].filter(increment => !kept.has(increment)).length,
    doubled: held.length - kept.size
  }
}

function isOlder(
  { version, ancestor }: { readonly version: number; readonly ancestor: string | null },
  parent: Fence
): boolean {
  return version < parent.version || (ancestor !== null && ancestor !== parent.head)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

async function pause(ms: number): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, ms))
}
