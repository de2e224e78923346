// A process that ends itself by `process.exit` while its commits wait for the disk.
import { setImmediate } from 'node:timers/promises'
import { systemRandom } from '../../lib/kernel/random.ts'
import { lmdbStore } from '../../lib/lmdb.ts'
import { aCommit, anId } from '../../lib/testing/store-contract/store-check.ts'

const { DATA_DIR = '', TURNS = '' } = process.env
const store = lmdbStore({ path: DATA_DIR })
await store.open({ idKey: systemRandom.bytes(32), sealKey: systemRandom.bytes(32) })
void Promise.allSettled(Array.from({ length: 20 }, () => store.commit(anId(), aCommit(null))))
for (let turn = 0; turn < Number(TURNS); turn += 1) await setImmediate()
process.stdout.write(`${JSON.stringify({ event: 'leaves' })}\n`)
process.exit(3)
