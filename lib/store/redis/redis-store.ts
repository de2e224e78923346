import { type Clock, systemClock } from '../../kernel/clock.ts'
import { type Log, silentLog } from '../../kernel/log.ts'
import { type Random, systemRandom } from '../../kernel/random.ts'
import type {
  Commit,
  ConversationStore,
  Deferral,
  Fence,
  ListName,
  Rewrite,
  StoreSecrets,
  UndeliveredRow
} from '../conversation-store.ts'
import { partitionOf } from '../identity.ts'
import { checkedNamespace } from '../namespace.ts'
import type { AskedHold } from '../reply-hold.ts'
import { RedisCluster } from './cluster.ts'
import { type Demand, type DurabilitySettings, demandOf } from './demand.ts'
import type { Deployment } from './deployment.ts'
import { Durable, isAnswered } from './durable.ts'
import { fitnessOf } from './fitness.ts'
import { type RedisKeys, redisKeys } from './keys.ts'
import { listed } from './listing.ts'
import { OneMaster } from './one-master.ts'
import { Partly } from './partly.ts'
import { checkPermissions } from './permissions.ts'
import { type Checked, checkedPlace, type RedisPlace, type RedisTls } from './place.ts'
import { redisRowWriter } from './row-writer.ts'
import { acknowledged } from './scripts/acknowledged.ts'
import { removeAlias, setAlias } from './scripts/alias.ts'
import { SCRIPTS } from './scripts/all-scripts.ts'
import { commit } from './scripts/commit.ts'
import { defer } from './scripts/defer.ts'
import { erase } from './scripts/erase.ts'
import { exported } from './scripts/export.ts'
import { holdReplies } from './scripts/hold-replies.ts'
import { keepProcess } from './scripts/keep-process.ts'
import { load } from './scripts/load.ts'
import { historyRowOf, recoverable } from './scripts/recoverable.ts'
import { rewrite } from './scripts/rewrite.ts'
import type { RunScript, Script } from './scripts/script.ts'
import { settleDue } from './scripts/settle-due.ts'
import { time } from './scripts/time.ts'
import { stats } from './stats.ts'
import { StoredLayout } from './stored-layout.ts'
import { Sweep } from './sweep.ts'

/** Where a Redis store finds its servers, and how it treats them. */
export type RedisStoreOptions = RedisPlace & RedisStoreSettings & DurabilitySettings

interface RedisStoreSettings {
  /** Prefix of every key, so that bots which share a server never meet; default `main`. */
  readonly namespace?: string
  /** After this long a call has failed with an unknown outcome; default 1,000 ms. */
  readonly commandTimeoutMs?: number
  /** Longest wait for the servers in `open()`; default 10,000 ms. */
  readonly openTimeoutMs?: number
  /** For `rediss://` and `sentinel.tls`: what Node's own list of authorities does not cover. */
  readonly tls?: RedisTls
  /** Told when a part of a Cluster does not answer, and when it does again; default: nobody. */
  readonly log?: Log
}

/** What only specs hand in. */
export interface RedisStoreParts {
  readonly clock: Clock
  readonly random: Random
  /** Changes the text of a script before it is defined. */
  readonly edited: (lua: string) => string
}

/**
 * The store for production: Redis, one script a call, one round trip a commit.
 *
 * Throws CHP_SETTING_INVALID unless exactly one of `url`, `sentinel`, `cluster` says where it is.
 * Nothing is connected before `open()`, which fails with CHP_STORE_UNAVAILABLE when a master is
 * not ready in time and with CHP_STORE_UNFIT when it could lose what it acknowledged.
 *
 * @example
 * const store = redisStore({ url: 'redis://127.0.0.1:6379' })
 */
export function redisStore(
  options: RedisStoreOptions,
  parts: Partial<RedisStoreParts> = {}
): ConversationStore {
  return new RedisStore(options, parts)
}

class RedisStore implements ConversationStore {
  readonly name = 'redis'
  /** Of a Cluster: each master fails by itself. */
  readonly partOf?: (id: string) => string
  readonly #keys: RedisKeys
  readonly #partly: Partly
  readonly #place: Checked
  readonly #connected: () => Deployment
  readonly #layout: StoredLayout
  readonly #demand: Demand
  readonly #openTimeoutMs: number
  #deployment: Deployment
  /** Null where an answer of the master is enough. */
  #durable: Durable | null
  #sweep: Sweep
  #closed = false

  constructor(
    options: RedisStoreOptions,
    { clock = systemClock, random = systemRandom, edited }: Partial<RedisStoreParts>
  ) {
    const { namespace = 'main', commandTimeoutMs = 1000, openTimeoutMs = 10_000 } = options
    this.#keys = redisKeys(checkedNamespace(namespace))
    this.#layout = new StoredLayout(this.#keys.layout)
    const { log = silentLog } = options
    this.#partly = new Partly(log)
    const place = checkedPlace(options, options.tls)
    this.#place = place
    const scripts = edited === undefined ? SCRIPTS : SCRIPTS.map(editedBy(edited))
    const parts = { commandTimeoutMs, openTimeoutMs, clock, random, scripts }
    this.#openTimeoutMs = openTimeoutMs
    this.#demand = demandOf(options, commandTimeoutMs)
    this.#connected = () =>
      place.kind === 'cluster'
        ? new RedisCluster({ ...parts, targets: place.targets })
        : new OneMaster({ ...parts, log, target: place.target })
    this.#deployment = this.#connected()
    this.#durable = this.#durably()
    this.#sweep = this.#sweeping()
    if (place.kind === 'cluster') this.partOf = id => this.#masterOf(id)
  }

  async open(candidate: StoreSecrets) {
    if (this.#closed) {
      this.#deployment = this.#connected()
      this.#durable = this.#durably()
      this.#closed = false
    }
    this.#sweep = this.#sweeping()
    await this.#deployment.ready()
    const fitness = await fitnessOf(this.#deployment.masters(), this.#demand)
    const { layout } = this.#keys
    const masters = this.#deployment.masters()
    await Promise.all(masters.map(async master => checkPermissions(master, SCRIPTS, layout)))
    await this.#durable?.open(this.#openTimeoutMs)
    return { secrets: await this.#layout.open(this.#deployment, candidate), ...fitness }
  }

  async fitness() {
    const fitness = await fitnessOf(this.#deployment.masters(), this.#demand)
    await this.#layout.check(this.#deployment)
    return fitness
  }

  async close() {
    this.#closed = true
    this.#durable?.close()
    this.#deployment.close()
  }

  time() {
    return time(this.#deployment.run)
  }

  load(id: string) {
    return load(this.#deployment.run, this.#keys.conversation(id))
  }

  async commit(id: string, step: Commit) {
    const keys = this.#keys.conversation(id)
    // The hottest call: it makes no promise that it can do without.
    if (this.#durable === null) return commit(this.#deployment.run, keys, id, step)
    return this.#durable.done(async run => commit(run, keys, id, step), isAnswered)
  }

  async defer(id: string, deferral: Deferral) {
    const keys = this.#keys.conversation(id)
    // Refused or not: who asks whether the store is back, by a deferral to nobody, asks for both.
    return this.#done(
      async run => defer(run, keys, id, deferral),
      ({ tag }) => tag !== 'full'
    )
  }

  acknowledged(id: string, epoch: string, last: UndeliveredRow) {
    return acknowledged(this.#deployment.run, this.#keys.conversation(id), epoch, last)
  }

  holdReplies(id: string, epoch: string, asked: AskedHold) {
    return holdReplies(this.#deployment.run, this.#keys.conversation(id), epoch, asked)
  }

  async settleDue(id: string, fence: Fence | null, dueMs: number | null, acknowledgedThrough = 0) {
    // A tombstone is nobody to wake.
    if (fence?.version === 0) return 'conflict'
    const settled = { fence, dueMs, acknowledgedThrough }
    return settleDue(this.#deployment.run, this.#keys.conversation(id), id, settled)
  }

  erase(id: string, epoch: string, tombstoneEpoch: string) {
    return erase(this.#stored, this.#keys, id, { epoch, tombstoneEpoch })
  }

  setAlias(id: string, epoch: string, alias: string) {
    return setAlias(this.#stored, this.#keys, id, epoch, alias)
  }

  removeAlias(id: string, alias: string) {
    return removeAlias(this.#stored, this.#keys, id, alias)
  }

  claimDue(limit: number, leaseMs: number) {
    return this.#sweep.claimDue(limit, leaseMs)
  }

  claimOwn(instance: string, limit: number, leaseMs: number) {
    return this.#sweep.claimOwn(instance, limit, leaseMs)
  }

  recoverable(id: string) {
    return recoverable(this.#deployment.run, this.#keys.conversation(id))
  }

  async history(id: string, { limit }: { readonly limit: number }) {
    const { history } = this.#keys.conversation(id)
    const rows = (await this.#deployment.call('LRANGE', history, -limit, -1)) as readonly string[]
    return rows.map(historyRowOf).toReversed()
  }

  async parked(id: string) {
    const { parked } = this.#keys.conversation(id)
    return (await this.#deployment.call('LRANGE', parked, 0, -1)) as readonly string[]
  }

  list(cursor: string | null, limit: number) {
    return this.#listed('index', cursor, limit)
  }

  parkedList(cursor: string | null, limit: number) {
    return this.#listed('parked', cursor, limit)
  }

  heldList(cursor: string | null, limit: number) {
    return this.#listed('held', cursor, limit)
  }

  export(id: string) {
    return exported(this.#deployment.run, this.#keys.conversation(id), id)
  }

  rewrite(id: string, fence: Fence, rows: Rewrite) {
    return rewrite(this.#stored, this.#keys.conversation(id), id, fence, rows)
  }

  keepProcess(name: string, row: string | null, drop: readonly string[]) {
    return keepProcess(this.#deployment.run, this.#keys.processes, name, row, drop)
  }

  rowWriter(name: string) {
    return redisRowWriter(this.#place, this.#keys.processes, name)
  }

  stats() {
    return stats(this.#deployment, this.#keys, this.#partly)
  }

  #listed(name: ListName, cursor: string | null, limit: number) {
    const { run } = this.#deployment
    return listed({ run, keys: this.#keys, partly: this.#partly }, name, cursor, limit)
  }

  // For calls of several scripts, on several masters maybe: each waits for its own replicas.
  readonly #stored: RunScript = (script, args, read) =>
    this.#done(
      async run => run(script, args, read),
      () => true
    )

  #masterOf(id: string): string {
    return this.#deployment.addressOf(this.#keys.partitions[partitionOf(id)]!.due)
  }

  #done<T>(call: (run: RunScript) => Promise<T>, isStored: (outcome: T) => boolean): Promise<T> {
    return this.#durable === null ? call(this.#deployment.run) : this.#durable.done(call, isStored)
  }

  #durably(): Durable | null {
    const isReplicated = this.#demand.durability === 'replicated'
    return isReplicated ? new Durable(this.#deployment, this.#demand) : null
  }

  #sweeping(): Sweep {
    return new Sweep(this.#deployment, this.#keys, this.#partly)
  }
}

function editedBy(edited: (lua: string) => string): (script: Script) => Script {
  return ({ name, lua }) => ({ name, lua: edited(lua) })
}
