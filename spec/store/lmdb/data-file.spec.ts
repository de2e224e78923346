import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { dataFileOf, headerDamage } from '../../../lib/store/lmdb/data-file.ts'
import { lmdbImage, PAGE_BYTES } from '../../support/lmdb-image.ts'

const LOOKS = 20_000
const TXN_AT = 152

/** Writes the headers in turn, as two commits right after each other do, again and again. */
const COMMITTING = `
  const { openSync, readSync, writeSync } = require('node:fs')
  const { parentPort, workerData: { path, pageBytes, at } } = require('node:worker_threads')
  const file = openSync(path, 'r+')
  const number = Buffer.alloc(8)
  const txnAt = page => {
    readSync(file, number, 0, 8, page * pageBytes + at)
    return number.readUInt32LE(0)
  }
  let txn = Math.max(txnAt(0), txnAt(1))
  let page = txnAt(0) === txn ? 0 : 1
  const rest = new Int32Array(new SharedArrayBuffer(4))
  const commit = () => {
    for (let count = 0; count < 2; count += 1) {
      txn += 1
      page = 1 - page
      number.writeUInt32LE(txn, 0)
      writeSync(file, number, 0, 8, page * pageBytes + at)
    }
    Atomics.wait(rest, 0, 0, 0.1)
    setImmediate(commit)
  }
  commit()
  parentPort.postMessage('committing')
`

describe('the headers of a data file', () => {
  it('belong together, whoever commits while they are read', async () => {
    const { newest } = await lmdbImage(4)
    const directory = mkdtempSync(join(tmpdir(), 'chaperone-headers-'))
    const path = dataFileOf(directory)
    writeFileSync(path, newest)
    const workerData = { path, pageBytes: PAGE_BYTES, at: TXN_AT }
    const worker = new Worker(COMMITTING, { eval: true, workerData, execArgv: [] })
    try {
      await once(worker, 'message')
      const seen = new Set<string | null>()
      for (let look = 0; look < LOOKS; look += 1) seen.add(headerDamage(directory))

      assert.deepEqual([...seen], [null])
    } finally {
      await worker.terminate()
      rmSync(directory, { recursive: true, force: true })
    }
  })
})
