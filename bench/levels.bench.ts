import { systemRandom } from '../lib/kernel/random.ts'
import type { ConversationStore, Fence } from '../lib/store/conversation-store.ts'
import { redisStore } from '../lib/store/redis/redis-store.ts'
import { aCommit, anId, aPrint } from '../lib/testing/store-contract/store-check.ts'
import { startRedis } from '../spec/support/redis-server.ts'
import { startReplica } from '../spec/support/replica.ts'
import { median } from './closed-loop.ts'
import { writeResults } from './report.ts'

const ROUNDS = 7
const ROUND_MS = 700
const LEVELS = ['everysec', 'replicated'] as const
type Level = (typeof LEVELS)[number]

await main()

/** What it costs to wait for a replica: one master with a replica, the levels in turn. */
async function main(): Promise<void> {
  const master = await startRedis({ appendonly: 'yes', 'min-replicas-to-write': '1' })
  const replica = await startReplica(master, { appendonly: 'yes' })
  const stores = await Promise.all(LEVELS.map(async level => opened(master.url, level)))
  try {
    const seen = []
    for (const inFlight of [1, 100]) {
      const rounds = { everysec: [] as number[], replicated: [] as number[] }
      for (let round = 0; round < ROUNDS; round += 1) {
        for (const [at, level] of LEVELS.entries()) {
          rounds[level].push(await perSecond(stores[at]!, inFlight))
        }
      }
      const ratios = rounds.replicated.map((rate, at) => rate / rounds.everysec[at]!)
      seen.push({ inFlight, rounds, ratios })
      console.log(
        `${inFlight} in flight: everysec ${whole(rounds.everysec)}/s, replicated ` +
          `${whole(rounds.replicated)}/s, ratio ${median(ratios).toFixed(2)} ` +
          `(${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)})`
      )
    }
    console.log(`\nWritten to ${writeResults('bench/results', '-levels', { seen })}`)
  } finally {
    await Promise.all(stores.map(async store => store.close()))
    await replica.stop()
    await master.stop()
  }
}

async function opened(url: string, durability: Level): Promise<ConversationStore> {
  const store = redisStore({ url, durability })
  await store.open({ idKey: systemRandom.bytes(32), sealKey: systemRandom.bytes(32) })
  return store
}

/** Commits a second of this many conversations at once, each commit on top of the last. */
async function perSecond(store: ConversationStore, inFlight: number): Promise<number> {
  let commits = 0
  const from = performance.now()
  const talk = async (): Promise<void> => {
    const id = anId()
    for (let parent: Fence | null = null; performance.now() - from < ROUND_MS; commits += 1) {
      const commit = aCommit(parent, { fingerprint: aPrint(), record: 'x'.repeat(587) })
      const outcome = await store.commit(id, commit)
      if (outcome.tag !== 'committed') throw new Error(`a commit was answered ${outcome.tag}`)
      parent = outcome.fence
    }
  }
  await Promise.all(Array.from({ length: inFlight }, talk))
  return (commits * 1000) / (performance.now() - from)
}

function whole(rates: readonly number[]): string {
  return Math.round(median(rates)).toLocaleString('en')
}
