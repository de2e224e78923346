// A process of its own that holds the write lock of a store and never lets go: lmdb-holder <path>
import { open } from 'lmdb'

const [path = ''] = process.argv.slice(2)
const database = open({ path, noSubdir: false, encoding: 'string', overlappingSync: false })
database.transactionSync(() => {
  process.send?.('holding')
  // Long enough for any spec that kills this process; IPC is flushed before the wait begins.
  const end = Date.now() + 60_000
  while (Date.now() < end) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000)
})
