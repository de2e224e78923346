// A process of its own that adds one to a conversation's record so many times, and says each time
// what was acknowledged to it: lmdb-writer <path> <id> <times>
import { systemRandom } from '../../lib/kernel/random.ts'
import { lmdbStore } from '../../lib/store/lmdb/lmdb-store.ts'
import { aCommit } from '../../lib/testing/store-contract/store-check.ts'

const [path = '', id = '', times = ''] = process.argv.slice(2)
const store = lmdbStore({ path })
await store.open({ idKey: systemRandom.bytes(32), sealKey: systemRandom.bytes(32) })
for (let left = Number(times); left > 0; ) {
  const { fence, record } = await store.load(id)
  const sum = Number(record) + 1
  const outcome = await store.commit(id, aCommit(fence, { record: String(sum) }))
  if (outcome.tag !== 'committed') continue
  left -= 1
  process.send?.(sum)
}
await store.close()
process.disconnect?.()
