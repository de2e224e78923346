import assert from 'node:assert/strict'
import { memoryStore } from '../../../lib/testing/memory-store.ts'
import { truthOf, WorldLog } from '../../../lib/testing/sim/world-log.ts'
import { simulatedClock } from '../../../lib/testing/simulated-clock.ts'
import { aCommit, begun, done } from '../../../lib/testing/store-contract/store-check.ts'

describe('the log of a simulated world', () => {
  it('lays no timer to a due time that was settled before its commit', async () => {
    const clock = simulatedClock({ startMs: 1_000 })
    const log = new WorldLog(clock)
    const { store } = truthOf(memoryStore({ clock }), log)
    const { id, fence } = await begun(store, { record: timed([]) })

    const settling = store.settleDue(id, fence, null)
    const later = await done(store, id, aCommit(fence, { record: timed([5_000]), dueMs: 5_000 }))
    await settling

    assert.ok(log.lines.every(line => !line.includes('asleep')))
    await store.settleDue(id, later.fence, 5_001)
    assert.match(log.lines.at(-1) ?? '', /"kind":"settled".*"asleep":5000/)
  })

  it('finds no timers in a record that is spoilt, wherever it is cut', async () => {
    const clock = simulatedClock({ startMs: 1_000 })
    const log = new WorldLog(clock)
    const { store } = truthOf(memoryStore({ clock }), log)
    const whole = timed([5_000])
    for (let length = 0; length < whole.length; length += 1) {
      const { id, fence } = await begun(store, { record: whole.slice(0, length) })
      assert.equal(await store.settleDue(id, fence, null), 'done')
    }

    assert.ok(log.lines.every(line => !line.includes('asleep')))
  })

  it('tells how all conversations stand again before what is written on them', async () => {
    const clock = simulatedClock({ startMs: 1_000 })
    const log = new WorldLog(clock)
    const truth = truthOf(memoryStore({ clock }), log)
    const { store } = truth
    const { id, fence } = await begun(store)
    await begun(store)
    const restore = truth.snapshot()
    await done(store, id, aCommit(fence))

    const restored = restore()
    await done(store, id, aCommit(fence))
    await restored

    const told = log.lines.map(line => JSON.parse(line) as { kind: string; ver: number })
    assert.deepEqual(
      told.slice(2).map(({ kind, ver }) => `${kind} ${ver}`),
      ['stored 2', 'restored 1', 'restored 1', 'stored 2']
    )
  })
})

/** A record as far as a world reads it. */
function timed(dueMs: readonly number[]): string {
  return `L1 1 e 1 0\n${JSON.stringify({ timers: dueMs.map(at => ({ dueMs: at })), meta: {} })}`
}
