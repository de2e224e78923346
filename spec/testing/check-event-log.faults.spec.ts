import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { seededRandom } from '../../lib/kernel/random.ts'
import { redisStore } from '../../lib/redis.ts'
import { checkEventLog } from '../../lib/testing/check-event-log.ts'
import { loaderOf, sourceOf } from '../support/child-program.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

const MESSAGES = 1_500
const KILLS = 12
const WORDS = ['hi', 'hi', 'silent', 'call pay', 'say 3', 'remind 300', 'detach', 'cancel']

/** Two processes under kills, and who sends them messages until they are taken. */
class House {
  readonly #env: NodeJS.ProcessEnv
  readonly #random = seededRandom(11)
  readonly #children: ChildProcess[] = []
  readonly #taken = new Set<string>()
  kills = 0

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env
  }

  async start(index: number): Promise<void> {
    const source = sourceOf('spec/support/logged-process.ts')
    const env = { ...process.env, ...this.#env, INSTANCE: `p${index}` }
    const child = fork(source, { env, execArgv: loaderOf(source), stdio: 'inherit' })
    this.#children[index] = child
    child.on('message', ({ id, tag }: { id?: string; tag: string }) => {
      if (id !== undefined && tag !== 'shed') this.#taken.add(id)
    })
    await once(child, 'message')
  }

  async kill(): Promise<void> {
    const index = this.kills % 2
    this.kills += 1
    const child = this.#children[index]!
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    await this.start(index)
  }

  /** Again and again, to either, until one has taken it. */
  async deliver(id: string, user: string, text: string): Promise<void> {
    while (!this.#taken.has(id)) {
      const first = this.#random.fraction() < 0.5 ? 0 : 1
      const chosen = this.#random.fraction() < 0.15 ? [0, 1] : [first]
      for (const index of chosen) {
        const child = this.#children[index]!
        if (child.connected) child.send({ id, user, text }, () => undefined)
      }
      for (let waits = 0; waits < 60 && !this.#taken.has(id); waits += 1) await setTimeout(25)
    }
  }

  async end(): Promise<void> {
    for (const child of this.#children) {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    }
  }
}

describe('the event log of two processes on one Redis', () => {
  let redis: RedisServer
  let folder: string
  before(async () => {
    redis = await startRedis()
    folder = mkdtempSync(join(tmpdir(), 'chaperone-events-'))
  })
  after(async () => {
    await redis?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it(`keeps every promise through ${MESSAGES} messages and ${KILLS} kills`, async () => {
    const events = join(folder, 'events.jsonl')
    const house = new House({ REDIS_URL: redis.url, EVENTS: events })
    try {
      await Promise.all([house.start(0), house.start(1)])
      await Promise.all([talk(house), killing(house)])
      await settled(redis.url, events)
    } finally {
      await house.end()
    }

    const lines = readFileSync(events, 'utf8').split('\n')
    const verdict = checkEventLog(lines, { idsAreGlobal: true, isHealed: true })

    assert.deepEqual(verdict.violations, [])
    assert.equal(verdict.conversations, 6)
    assert.ok(verdict.commits >= MESSAGES)
    assert.equal(house.kills, KILLS)
  })
})

async function talk(house: House): Promise<void> {
  let next = 0
  const random = seededRandom(5)
  const lane = async (): Promise<void> => {
    while (next < MESSAGES) {
      next += 1
      const word = WORDS[Math.floor(random.fraction() * WORDS.length)]!
      await house.deliver(`m${next}`, `u${next % 6}`, word)
    }
  }
  await Promise.all(Array.from({ length: 8 }, lane))
}

async function killing(house: House): Promise<void> {
  while (house.kills < KILLS) {
    await setTimeout(900)
    await house.kill()
  }
}

/** Waits until nothing is left in the store, then notes where every conversation stands. */
async function settled(url: string, events: string): Promise<void> {
  const store = redisStore({ url })
  await store.open({ idKey: new Uint8Array(32), sealKey: new Uint8Array(32) })
  const { ids } = await store.list(null, 100)
  for (let waits = 0; waits < 600; waits += 1) {
    const loaded = await Promise.all(ids.map(id => store.load(id)))
    const left = loaded.some(
      ({ inbox, calls, undelivered }) => inbox.length + calls.length + undelivered.length > 0
    )
    if (!left) break
    await setTimeout(100)
  }
  for (const conv of ids) {
    const { fence } = await store.load(conv)
    const known = { conv, epoch: fence?.epoch, ver: fence?.version, key: fence?.head }
    const line = { seq: 1, mono: 0, wall: Date.now(), proc: 'reader', kind: 'load', ...known }
    appendFileSync(events, `${JSON.stringify(line)}\n`)
  }
  await store.close()
}
