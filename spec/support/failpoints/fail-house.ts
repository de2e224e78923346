import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seededRandom } from '../../../lib/kernel/random.ts'
import { lmdbStore } from '../../../lib/lmdb.ts'
import { redisStore } from '../../../lib/redis.ts'
import type { ConversationStore } from '../../../lib/store/conversation-store.ts'
import { type Listening, listening } from '../../channel/listening.ts'
import { type ChildProgram, sourceOf, startProgram } from '../child-program.ts'
import { type GraphStandIn, graphStandIn } from '../graph-stand-in.ts'
import { freePort, type RedisServer, startRedis } from '../redis-server.ts'
import { type WebhookClient, webhookClient } from '../webhook-client.ts'
import type { Blow } from './failpoints.ts'

export interface FailHouseOptions {
  readonly store: 'lmdb' | 'redis'
  readonly processes: number
  readonly env?: Readonly<Record<string, string>>
}

/** One attempt to pay, as the outside service saw it. */
interface Payment {
  readonly key: string
  readonly id: string
}

/**
 * Servers that share a store, an event log, a Graph API and an outside service, and are hit at the
 * places that `Failpoints` names.
 */
export class FailHouse {
  readonly payments: Payment[] = []
  readonly graph: GraphStandIn
  /** Posts go to any of the servers, as a balancer sends them. */
  readonly client: WebhookClient
  readonly random = seededRandom(7)
  readonly processes: (ChildProgram | undefined)[] = []
  hits = 0
  /** Commits that were counted before. */
  counted = 0
  #ids = 0
  /** Setting of every server that is started from now on. */
  schema = 1
  /** The one server that gets the posts; null: any. */
  target: number | null = null
  readonly #ports: number[] = []
  readonly #env: Record<string, string>
  readonly #folder: string
  readonly #ledger: Listening
  readonly #redis: RedisServer | null
  readonly #open: () => ConversationStore

  constructor(
    { env = {} }: FailHouseOptions,
    made: Awaited<ReturnType<typeof surroundings>>,
    ports: readonly number[]
  ) {
    this.#folder = made.folder
    this.#ledger = made.ledger
    this.#redis = made.redis
    this.#open = made.open
    this.graph = made.graph
    this.payments = made.payments
    this.#ports.push(...ports)
    this.client = webhookClient(() => `${this.#urlOf(this.target ?? this.#any())}/webhooks`)
    const where: Record<string, string> =
      made.redis === null ? { DATA_DIR: made.dataDir } : { REDIS_URL: made.redis.url }
    this.#env = {
      ...where,
      GRAPH_URL: made.graph.url,
      LEDGER_URL: made.ledger.url,
      EVENTS: this.#events,
      ...env
    }
  }

  /** Of a message; no two conversations share one. */
  nextId(): string {
    this.#ids += 1
    return `m${this.#ids}`
  }

  async start(index: number): Promise<void> {
    const env = {
      ...this.#env,
      INSTANCE: `p${index}`,
      SCHEMA: String(this.schema),
      PORT: String(this.#ports[index])
    }
    const program = startProgram(sourceOf('spec/support/failpoints/failing-process.ts'), env)
    this.processes[index] = program
    await program.event('listening')
  }

  async startAll(): Promise<void> {
    await Promise.all(this.#ports.map((_, index) => this.start(index)))
  }

  async stopAll(): Promise<void> {
    const codes = await Promise.all(this.processes.map(async program => program?.end('SIGTERM')))
    for (const code of codes) assert.equal(code, 0, this.written())
  }

  /** Arms one server, any by default; gives its index. */
  async arm(point: string, at: number, blow: Blow = 'kill', index = this.#any()): Promise<number> {
    const armed = `${this.#urlOf(index)}/arm?point=${encodeURIComponent(point)}&at=${at}`
    const answer = await fetch(`${armed}&blow=${blow}`).catch(() => null)
    assert.equal(answer?.status, 200, `nobody answers at ${index}: ${this.written()}`)
    return index
  }

  /** Hits a server at this place and starts it again; again and again, until one was hit there. */
  async hit(
    point: string,
    { at = 1, blow = 'kill', term = false }: { at?: number; blow?: Blow; term?: boolean } = {}
  ): Promise<void> {
    for (let tries = 0; tries < 10; tries += 1) {
      const index = await this.arm(point, at, blow)
      const program = this.processes[index]
      if (term) void program?.end('SIGTERM')
      const code = await program?.ended
      const wasHit = program?.log.some(line => line['event'] === 'hit') === true
      // The embedded store ends a process that leaves in the middle of a write as kill -9 does.
      if (wasHit) assert.ok(code === null || (blow !== 'kill' && code === 1), this.written())
      else assert.equal(code, 0, this.written())
      await this.start(index)
      if (!wasHit) continue
      this.hits += 1
      return
    }
    assert.fail(`no server came to "${point}"`)
  }

  async kill(index = this.#any()): Promise<void> {
    await this.processes[index]?.end('SIGKILL')
    this.hits += 1
    await this.start(index)
  }

  /** Lines of the event log; `wall` of the last ones is that of the reader. */
  events(): string[] {
    return readFileSync(this.#events, 'utf8').split('\n')
  }

  /** Waits until nothing is left in the store; gives a line for where each conversation stands. */
  async settled(withinMs = 60_000): Promise<readonly string[]> {
    const store = this.#open()
    await store.open({ idKey: new Uint8Array(32), sealKey: new Uint8Array(32) })
    try {
      const { ids } = await store.list(null, 10_000)
      const until = performance.now() + withinMs
      const left = new Set(ids)
      while (left.size > 0) {
        for (const id of left) {
          const { inbox, calls, undelivered, dueMs } = await store.load(id)
          const rest = inbox.length + calls.length + undelivered.length
          if (rest === 0 && dueMs === null) left.delete(id)
        }
        assert.ok(performance.now() < until, `${left.size} conversations do not settle`)
        if (left.size > 0) await new Promise(done => setTimeout(done, 100))
      }
      return await Promise.all(ids.map(async id => lineOf(store, id)))
    } finally {
      await store.close()
    }
  }

  /** When the provider took this text first, by this machine's clock. */
  heardMs(text: string): number {
    return this.graph.posted.find(posted => posted.text === text)?.atMs ?? Number.NaN
  }

  written(): string {
    return this.processes.map(program => program?.written().slice(-2_000)).join('\n---\n')
  }

  async end(): Promise<void> {
    await Promise.all(this.processes.map(async program => program?.end('SIGKILL')))
    await this.#ledger.close()
    await this.graph.close()
    await this.#redis?.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  get #events(): string {
    return join(this.#folder, 'events.jsonl')
  }

  #any(): number {
    return Math.floor(this.random.fraction() * this.#ports.length)
  }

  #urlOf(index: number): string {
    return `http://127.0.0.1:${this.#ports[index]}`
  }
}

async function failHouse(options: FailHouseOptions): Promise<FailHouse> {
  const ports: number[] = []
  for (let index = 0; index < options.processes; index += 1) ports.push(await freePort())
  const house = new FailHouse(options, await surroundings(options), ports)
  try {
    await house.startAll()
    return house
  } catch (error) {
    await house.end()
    throw error
  }
}

/** A house for the suite it is called in, from before its first test until after the last one. */
export function houseOfSuite(options: FailHouseOptions): () => FailHouse {
  let house: FailHouse | undefined
  before(async () => {
    house = await failHouse(options)
  })
  after(() => house?.end())
  return () => {
    assert.ok(house)
    return house
  }
}

async function surroundings({ store }: FailHouseOptions) {
  const folder = mkdtempSync(join(tmpdir(), 'chaperone-fail-'))
  const dataDir = join(folder, 'data')
  const payments: Payment[] = []
  const ledger = await listening((req, res) => {
    const { key, id } = req.headers as unknown as Payment
    payments.push({ key, id })
    res.end(JSON.stringify({ paid: id }))
  })
  const graph = await graphStandIn()
  const redis = store === 'redis' ? await startRedis() : null
  const open = () =>
    redis === null ? lmdbStore({ path: dataDir }) : redisStore({ url: redis.url })
  return { folder, dataDir, payments, ledger, graph, redis, open }
}

async function lineOf(store: ConversationStore, conv: string): Promise<string> {
  const { fence } = await store.load(conv)
  const known = { conv, epoch: fence?.epoch, ver: fence?.version, key: fence?.head }
  return JSON.stringify({
    seq: 1,
    mono: 0,
    wall: Date.now(),
    proc: 'reader',
    kind: 'load',
    ...known
  })
}
