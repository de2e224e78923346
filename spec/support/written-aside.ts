import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { ConversationStore } from '../../lib/store/conversation-store.ts'

const THREAD = `
const { parentPort, workerData } = require('node:worker_threads')
const { writer, row, isMeant } = workerData
const made = new Function('require', 'data', writer.program)(require, writer.data)
made.write(row, () => isMeant, () => {
  made.close()
  parentPort.postMessage('done')
})
`

/** Writes the row of a process as a thread beside its event loop does. */
export async function writtenAside(
  store: ConversationStore,
  name: string,
  row: string,
  isMeant = true
): Promise<void> {
  const writer = store.rowWriter?.(name) ?? null
  assert.ok(writer !== null)
  const workerData = { writer, row, isMeant }
  const worker = new Worker(THREAD, { eval: true, workerData, execArgv: [], env: {} })
  await once(worker, 'message')
  await worker.terminate()
}
