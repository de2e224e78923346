import { type Cancel, pause } from '../../kernel/clock.ts'
import { ChaperoneError, fail, failure } from '../../kernel/failure.ts'
import { classify, FAILURE_OF, quoted } from './classify.ts'
import { SLOTS, slotOf } from './key-slot.ts'
import { addressText, type Target, targetAt } from './place.ts'
import { RedisClient, type RedisClientParts } from './redis-client.ts'
import { type SlotRange, slotMap } from './slot-map.ts'
import { SLOT_TAGS } from './slot-tags.ts'

/** A redirection tells of a move at once; this finds what nobody was redirected about. */
const LOOK_EVERY_MS = 5000
/** Trouble has the map read again, but no more often than this. */
const LOOK_GAP_MS = 100
/** So many masters are asked for the map at one time: one that hangs holds up nobody. */
const ASKED = 3

export interface ClusterParts extends Omit<RedisClientParts, 'target'> {
  /** Some servers of the Cluster. */
  readonly targets: readonly Target[]
}

interface Node {
  readonly host: string
  readonly port: number
  readonly client: RedisClient
}

/** The masters of a Cluster, a client for each, and which of them holds which slot. */
export class ClusterNodes {
  readonly #parts: ClusterParts
  readonly #nodes = new Map<string, Node>()
  readonly #owners: (RedisClient | undefined)[] = Array.from({ length: SLOTS })
  readonly #leaving = new Set<RedisClient>()
  #looking: Promise<boolean> | null = null
  #lookedMs = Number.NEGATIVE_INFINITY
  #nextLook: Cancel | null = null
  #lastError: unknown = null
  #closed = false

  constructor(parts: ClusterParts) {
    this.#parts = parts
  }

  /** Resolves when the map is known and every master in it is ready. */
  async ready(): Promise<void> {
    const { clock, openTimeoutMs } = this.#parts
    const untilMs = clock.monotonicMs() + openTimeoutMs
    for (;;) {
      const leftMs = untilMs - clock.monotonicMs()
      if (await this.#reached(leftMs)) {
        this.#lookLater(LOOK_EVERY_MS)
        return
      }
      this.#giveUpIfVain()
      if (leftMs <= LOOK_GAP_MS) throw this.#notReady()
      await pause(clock, LOOK_GAP_MS)
    }
  }

  close(): void {
    this.#closed = true
    this.#nextLook?.()
    for (const { client } of this.#nodes.values()) client.close()
    for (const client of this.#leaving) client.close()
  }

  all(): readonly RedisClient[] {
    return [...this.#nodes.values()].map(({ client }) => client)
  }

  /** The master that holds a slot, as far as is known. */
  ownerOf(slot: number): RedisClient | undefined {
    return this.#owners[slot]
  }

  /** The host by which a client is known. */
  hostOf(client: RedisClient): string {
    return [...this.#nodes.values()].find(node => node.client === client)?.host ?? ''
  }

  /** The client of a server, new when there is none. */
  at(host: string, port: number): RedisClient {
    const address = addressText(host, port)
    const known = this.#nodes.get(address)
    if (known !== undefined) return known.client
    const { targets, ...parts } = this.#parts
    const client = new RedisClient({ ...parts, target: targetAt(targets[0]!, host, port) })
    this.#nodes.set(address, { host, port, client })
    if (this.#closed) client.close()
    // It goes on trying by itself; whoever needs it learns why it is not ready.
    else client.ready().catch(this.#noted)
    return client
  }

  /** A slot was said to have moved. */
  moved(slot: number, host: string, port: number): RedisClient {
    const owner = this.at(host, port)
    this.#owners[slot] = owner
    this.look()
    return owner
  }

  /** Has the map read again soon. */
  look(): void {
    if (this.#looking !== null) return
    const sinceMs = this.#parts.clock.monotonicMs() - this.#lookedMs
    this.#lookLater(Math.max(0, LOOK_GAP_MS - sinceMs))
  }

  #lookLater(afterMs: number): void {
    if (this.#closed) return
    this.#nextLook?.()
    this.#nextLook = this.#parts.clock.after(afterMs, () => {
      void this.#look()
        .catch(this.#noted)
        .then(() => this.#lookLater(LOOK_EVERY_MS))
    })
  }

  /** Reads the map once; false when nobody gave one. */
  #look(): Promise<boolean> {
    this.#looking ??= this.#read().finally(() => {
      this.#looking = null
      this.#lookedMs = this.#parts.clock.monotonicMs()
    })
    return this.#looking
  }

  async #read(): Promise<boolean> {
    const asked = this.#shuffled([...this.#nodes.values()].filter(({ client }) => client.isReady))
    const answers = asked.slice(0, ASKED).map(({ client, host }) => rangesOf(client, host))
    const ranges = await Promise.any(answers).catch(() => this.#fromSeeds())
    if (ranges === null || this.#closed) return false
    this.#take(ranges)
    return true
  }

  async #fromSeeds(): Promise<readonly SlotRange[] | null> {
    const { targets, ...parts } = this.#parts
    for (const target of this.#shuffled(targets)) {
      const seed = new RedisClient({ ...parts, target, scripts: [] })
      try {
        await seed.ready(parts.commandTimeoutMs)
        return await rangesOf(seed, target.options.host!)
      } catch (error) {
        this.#noted(seed.isReady ? error : (seed.lastError ?? error))
      } finally {
        seed.close()
      }
    }
    return null
  }

  #take(ranges: readonly SlotRange[]): void {
    const named = new Set(ranges.map(({ host, port }) => addressText(host, port)))
    this.#owners.fill(undefined)
    for (const { from, to, host, port } of ranges) {
      this.#owners.fill(this.at(host, port), from, to + 1)
    }
    for (const [address, { client }] of this.#nodes) {
      if (!named.has(address)) this.#leave(address, client)
    }
  }

  // What is under way there is still answered, or given up in time.
  #leave(address: string, client: RedisClient): void {
    const { clock, commandTimeoutMs } = this.#parts
    this.#nodes.delete(address)
    this.#leaving.add(client)
    clock.after(2 * commandTimeoutMs, () => {
      this.#leaving.delete(client)
      client.close()
    })
  }

  async #reached(withinMs: number): Promise<boolean> {
    if (!(await this.#look())) return false
    const homeless = SLOT_TAGS.find(tag => this.#owners[slotOf(tag)] === undefined)
    if (homeless !== undefined) {
      this.#noted(new Error(`CLUSTERDOWN no master holds slot ${slotOf(homeless)}`))
      return false
    }
    const clients = this.all()
    const settled = await Promise.allSettled(clients.map(async client => client.ready(withinMs)))
    const failed = clients.filter((_, at) => settled[at]!.status === 'rejected')
    for (const client of failed) this.#noted(client.lastError ?? this.#lastError)
    return failed.length === 0
  }

  readonly #noted = (error: unknown): void => {
    this.#lastError = error
  }

  #giveUpIfVain(): void {
    const said = this.#lastError instanceof Error ? this.#lastError.message : ''
    if (classify(this.#lastError) === 'fatal') throw this.#notReady()
    if (said.includes('cluster support disabled')) {
      fail('CHP_STORE_UNFIT', 'A server of `cluster` is not part of one: name it in `url` instead.')
    }
  }

  #notReady(): ChaperoneError {
    const { targets, openTimeoutMs } = this.#parts
    const why = this.#lastError === null ? 'it did not answer' : quoted(this.#lastError)
    const where = targets.map(({ shown }) => shown).join(', ')
    const detail = `The Redis Cluster of ${where} was not ready within ${openTimeoutMs} ms: ${why}.`
    const isBarred = classify(this.#lastError) === 'fatal'
    return new ChaperoneError(failure(isBarred ? FAILURE_OF.fatal : FAILURE_OF.unknown, detail))
  }

  #shuffled<T>(items: readonly T[]): readonly T[] {
    return items
      .map(item => ({ item, draw: this.#parts.random.fraction() }))
      .toSorted((one, other) => one.draw - other.draw)
      .map(({ item }) => item)
  }
}

async function rangesOf(client: RedisClient, host: string): Promise<readonly SlotRange[]> {
  const ranges = slotMap(await client.raw(['CLUSTER', 'SLOTS']), host)
  // A server that was reset, or met nobody yet, knows of no slots.
  if (ranges.length === 0) throw new Error('CLUSTERDOWN the server knows no slots')
  return ranges
}
