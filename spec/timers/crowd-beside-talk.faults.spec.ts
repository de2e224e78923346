import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ConversationStore } from '../../lib/store/conversation-store.ts'
import { lmdbStore } from '../../lib/store/lmdb/lmdb-store.ts'
import { redisStore } from '../../lib/store/redis/redis-store.ts'
import { CrowdPairs, type Talk } from '../support/crowd-pairs.ts'
import { passedMost } from '../support/passed-most.ts'
import { startRedis } from '../support/redis-server.ts'

const MEMBERS = Number(process.env['CROWD'] ?? 20_000)
/** Windows of talk alone and beside the crowd, in turns: what else the machine does meets both. */
const PAIRS = 5
const LOAD = { perSecond: 100, members: 200, windowMs: 20_000 }
/** Pages that are claimed one after the other are woken side by side; some wakes take longer. */
const PASSED_MOST = 400
/** What the limit `sweepLeast` promises. */
const LEAST_FIRED = (10 * LOAD.windowMs) / 1_000

describe(`${MEMBERS} timers due in one second, while others talk,`, () => {
  it('fire in due order and leave those their p99, on the embedded store', async function () {
    this.timeout(1_800_000)
    const path = mkdtempSync(join(tmpdir(), 'chp-crowd-'))
    try {
      await measured(lmdbStore({ path }))
    } finally {
      rmSync(path, { recursive: true, force: true })
    }
  })

  it('fire in due order and leave those their p99, on Redis', async function () {
    this.timeout(1_800_000)
    const server = await startRedis({ appendonly: 'yes', appendfsync: 'everysec' })
    try {
      await measured(redisStore({ url: server.url }))
    } finally {
      await server.stop()
    }
  })
})

async function measured(store: ConversationStore): Promise<void> {
  const crowd = new CrowdPairs(store)
  await crowd.start()
  try {
    await crowd.gather(MEMBERS)
    const pairs: Pair[] = []
    for (let turn = 0; turn < PAIRS; turn += 1) pairs.push(await pairOf(crowd, turn % 2 === 0))
    // Fewer would have left some windows without a crowd.
    assert.ok(crowd.fired.length < MEMBERS)
    const left = MEMBERS - crowd.fired.length
    const startMs = performance.now()
    await crowd.drain(MEMBERS)
    const seconds = Math.round((performance.now() - startMs) / 1_000)
    const [receipts, replies] = [ratioOf(pairs, 'receipts'), ratioOf(pairs, 'replies')]
    const passed = passedMost(crowd.fired)
    say({ receipts, replies, passed, left, leftDrainedInSeconds: seconds })

    assert.equal(crowd.fired.length, MEMBERS)
    assert.equal(new Set(crowd.fired.map(({ user }) => user)).size, MEMBERS)
    assert.ok(passed <= PASSED_MOST)
    assert.ok(pairs.every(({ fired }) => fired >= LEAST_FIRED))
    assert.ok(receipts < 2)
    assert.ok(replies < 2)
  } finally {
    await crowd.stop()
  }
}

interface Pair {
  readonly alone: Talk
  readonly beside: Talk
  /** Timers that fired beside the talk. */
  readonly fired: number
}

async function pairOf(crowd: CrowdPairs, isAloneFirst: boolean): Promise<Pair> {
  const first = isAloneFirst ? await crowd.talk(LOAD, false) : null
  const before = crowd.fired.length
  const beside = await crowd.talk(LOAD, true)
  const fired = crowd.fired.length - before
  const alone = first ?? (await crowd.talk(LOAD, false))
  say({ alone: told(alone), beside: told(beside), fired })
  return { alone, beside, fired }
}

/** The median of how many times as long the slowest of a hundred took. */
function ratioOf(pairs: readonly Pair[], of: 'receipts' | 'replies'): number {
  const ratios = pairs.map(({ alone, beside }) => part(beside[of], 0.99) / part(alone[of], 0.99))
  return Math.round(part(ratios, 0.5) * 100) / 100
}

/** p50, p90 and p99 in ms. */
function told({ receipts, replies, shed }: Talk): object {
  const of = (values: readonly number[]): string =>
    [0.5, 0.9, 0.99].map(share => part(values, share).toFixed(1)).join(' ')
  return { receipts: of(receipts), replies: of(replies), shed }
}

function part(values: readonly number[], share: number): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length * share)] ?? 0
}

function say(what: object): void {
  process.stdout.write(`      ${JSON.stringify(what)}\n`)
}
