import assert from 'node:assert/strict'
import type { ConversationStore } from '../../store/conversation-store.ts'
import type { KeptProcesses } from '../../store/process-rows.ts'
import { anId, factInTime, factOfTwo, type StoreCheck } from './store-check.ts'

/** What processes that share a store say of themselves; a store without it passes. */
export const processChecks: readonly StoreCheck[] = [
  factOfTwo('each process writes its own row and reads those of all', async (store, other) => {
    if (store.keepProcess === undefined) return
    const [one, two] = [`one/${anId()}`, `two/${anId()}`]

    await kept(store, one, 'busy with a b c')
    const { rows } = await kept(other, two, '')

    assert.deepEqual(texts(rows, [one, two]), ['busy with a b c', ''])
    assert.deepEqual(texts((await kept(store, one, '')).rows, [one, two]), ['', ''])
  }),
  factOfTwo('a row goes when its process says so, or another', async (store, other) => {
    if (store.keepProcess === undefined) return
    const [one, two] = [`one/${anId()}`, `two/${anId()}`]
    await kept(store, one, 'a')
    await kept(other, two, 'b')

    assert.deepEqual(texts((await kept(store, one, null)).rows, [one, two]), [undefined, 'b'])
    assert.deepEqual(texts((await kept(store, one, 'a', [two])).rows, [one, two]), ['a', undefined])
    await kept(store, one, null)
  }),
  factInTime('a row bears the time of its last write', async (store, advance) => {
    if (store.keepProcess === undefined) return
    const [one, two] = [`one/${anId()}`, `two/${anId()}`]
    const first = await kept(store, one, 'a')
    await advance(5_000)

    const { rows, nowMs } = await kept(store, two, 'b')

    assert.deepEqual(
      [one, two].map(name => rows.find(row => row.name === name)?.atMs),
      [first.nowMs, nowMs]
    )
    assert.ok(nowMs - first.nowMs >= 5_000)
    assert.deepEqual(texts((await kept(store, two, null, [one])).rows, [one, two]), [
      undefined,
      undefined
    ])
  })
]

function kept(
  store: ConversationStore,
  name: string,
  row: string | null,
  drop: readonly string[] = []
): Promise<KeptProcesses> {
  assert.ok(store.keepProcess !== undefined)
  return store.keepProcess(name, row, drop)
}

function texts(
  rows: KeptProcesses['rows'],
  names: readonly string[]
): readonly (string | undefined)[] {
  return names.map(name => rows.find(row => row.name === name)?.row)
}
