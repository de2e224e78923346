import { type Clock, systemClock } from '../../kernel/clock.ts'
import { type Random, systemRandom } from '../../kernel/random.ts'
import type {
  Commit,
  ConversationStore,
  Deferral,
  Fence,
  StoreSecrets
} from '../conversation-store.ts'
import { layoutRow, secretsOf } from '../layout-row.ts'
import { checkedNamespace } from '../namespace.ts'
import { fitnessOf } from './fitness.ts'
import { type RedisKeys, redisKeys } from './keys.ts'
import { listed } from './listing.ts'
import { RedisClient } from './redis-client.ts'
import { acknowledged, acknowledgedScript } from './scripts/acknowledged.ts'
import { claimDueScript } from './scripts/claim-due.ts'
import { claimOwnScript } from './scripts/claim-own.ts'
import { commit, commitScript } from './scripts/commit.ts'
import { defer, deferScript } from './scripts/defer.ts'
import { erase, eraseScript } from './scripts/erase.ts'
import { listScript } from './scripts/list.ts'
import { load, loadScript } from './scripts/load.ts'
import { historyRowOf, recoverable, recoverableScript } from './scripts/recoverable.ts'
import type { Script } from './scripts/script.ts'
import { settleDue, settleDueScript } from './scripts/settle-due.ts'
import { time, timeScript } from './scripts/time.ts'
import { Sweep } from './sweep.ts'

/** Where a Redis store finds its server. */
export interface RedisStoreOptions {
  /** `redis://` or, for TLS, `rediss://`. */
  readonly url: string
  /** Prefix of every key, so that bots which share a server never meet; default `main`. */
  readonly namespace?: string
  /** After this long a call has failed with an unknown outcome; default 1,000 ms. */
  readonly commandTimeoutMs?: number
  /** Longest wait for the server in `open()`; default 10,000 ms. */
  readonly openTimeoutMs?: number
}

/** What only specs hand in. */
export interface RedisStoreParts {
  readonly clock: Clock
  readonly random: Random
  /** Changes the text of a script before it is defined. */
  readonly edited: (lua: string) => string
}

const SCRIPTS = [
  acknowledgedScript,
  claimDueScript,
  claimOwnScript,
  commitScript,
  deferScript,
  eraseScript,
  listScript,
  loadScript,
  recoverableScript,
  settleDueScript,
  timeScript
]

/**
 * The store for production: one Redis, one script a call, one round trip a commit.
 *
 * Nothing is connected before `open()`, which fails with CHP_STORE_UNAVAILABLE when the server is
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
  readonly #keys: RedisKeys
  readonly #connected: () => RedisClient
  #client: RedisClient
  #sweep: Sweep
  #closed = false

  constructor(
    { url, namespace = 'main', commandTimeoutMs = 1000, openTimeoutMs = 10_000 }: RedisStoreOptions,
    { clock = systemClock, random = systemRandom, edited }: Partial<RedisStoreParts>
  ) {
    this.#keys = redisKeys(checkedNamespace(namespace))
    const scripts = edited === undefined ? SCRIPTS : SCRIPTS.map(editedBy(edited))
    this.#connected = () =>
      new RedisClient({ url, commandTimeoutMs, openTimeoutMs, clock, random, scripts })
    this.#client = this.#connected()
    this.#sweep = new Sweep(this.#client, this.#keys)
  }

  async open(candidate: StoreSecrets) {
    if (this.#closed) {
      this.#client = this.#connected()
      this.#closed = false
    }
    this.#sweep = new Sweep(this.#client, this.#keys)
    await this.#client.ready()
    const fitness = await fitnessOf(this.#client)
    const { layout } = this.#keys
    await this.#client.call('SETNX', layout, layoutRow(candidate))
    const row = await this.#client.call('GET', layout)
    return { secrets: secretsOf(String(row)), ...fitness }
  }

  async close() {
    this.#closed = true
    this.#client.close()
  }

  time() {
    return time(this.#client.run)
  }

  load(id: string) {
    return load(this.#client.run, this.#keys.conversation(id))
  }

  async commit(id: string, step: Commit) {
    return commit(this.#client.run, this.#keys.conversation(id), id, step)
  }

  async defer(id: string, deferral: Deferral) {
    return defer(this.#client.run, this.#keys.conversation(id), id, deferral)
  }

  acknowledged(id: string, epoch: string, throughSequence: number) {
    return acknowledged(this.#client.run, this.#keys.conversation(id), epoch, throughSequence)
  }

  async settleDue(id: string, fence: Fence, dueMs: number | null) {
    // A tombstone is nobody to wake.
    if (fence.version === 0) return 'conflict'
    return settleDue(this.#client.run, this.#keys.conversation(id), id, { fence, dueMs })
  }

  erase(id: string, epoch: string, tombstoneEpoch: string) {
    const keys = this.#keys.conversation(id)
    return erase(this.#client.run, keys, id, { epoch, tombstoneEpoch })
  }

  claimDue(limit: number, leaseMs: number) {
    return this.#sweep.claimDue(limit, leaseMs)
  }

  claimOwn(instance: string, limit: number, leaseMs: number) {
    return this.#sweep.claimOwn(instance, limit, leaseMs)
  }

  recoverable(id: string) {
    return recoverable(this.#client.run, this.#keys.conversation(id))
  }

  async history(id: string, { limit }: { readonly limit: number }) {
    const { history } = this.#keys.conversation(id)
    const rows = (await this.#client.call('LRANGE', history, -limit, -1)) as readonly string[]
    return rows.map(historyRowOf).toReversed()
  }

  async parked(id: string) {
    const { parked } = this.#keys.conversation(id)
    return (await this.#client.call('LRANGE', parked, 0, -1)) as readonly string[]
  }

  list(cursor: string | null, limit: number) {
    return listed(this.#client.run, this.#keys, cursor, limit)
  }
}

function editedBy(edited: (lua: string) => string): (script: Script) => Script {
  return ({ name, lua }) => ({ name, lua: edited(lua) })
}
