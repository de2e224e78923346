// A process of its own that commits to conversations of its own, all at once, and says what was
// acknowledged and what was refused: lmdb-crowd <path> <conversations> <bytes of a record>
import { failureOf } from '../../lib/kernel/failure.ts'
import { systemRandom } from '../../lib/kernel/random.ts'
import type { Fence } from '../../lib/store/conversation-store.ts'
import { lmdbStore } from '../../lib/store/lmdb/lmdb-store.ts'
import { aCommit, anId } from '../../lib/testing/store-contract/store-check.ts'

/** What this program says: a version that was acknowledged, or the code of a refusal. */
export type Said =
  | { readonly id: string; readonly version: number }
  | { readonly id: string; readonly refused: string; readonly detail: string }

const [path = '', conversations = '', bytes = ''] = process.argv.slice(2)
const store = lmdbStore({ path })
await store.open({ idKey: systemRandom.bytes(32), sealKey: systemRandom.bytes(32) })
process.once('message', () => process.exit(0))
await Promise.all(Array.from({ length: Number(conversations) }, talk))

async function talk(): Promise<void> {
  const id = anId()
  for (let fence: Fence | null = null; ; ) {
    try {
      const change = { record: 'r'.repeat(Number(bytes)), park: 'p'.repeat(Number(bytes)) }
      const outcome = await store.commit(id, aCommit(fence, change))
      if (outcome.tag !== 'committed') throw new Error(`answered ${outcome.tag}`)
      fence = outcome.fence
      say({ id, version: fence.version })
    } catch (error) {
      const failed = failureOf(error)
      say({ id, refused: failed?.code ?? 'none', detail: failed?.detail ?? String(error) })
      await new Promise(resolve => setTimeout(resolve, 20))
    }
  }
}

function say(said: Said): void {
  process.send?.(said)
}
