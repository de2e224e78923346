import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lmdbStore } from '../../lib/store/lmdb/lmdb-store.ts'
import { sourceOf } from '../support/child-program.ts'
import { CrowdPairs } from '../support/crowd-pairs.ts'
import { eventually } from '../support/eventually.ts'
import { passedMost } from '../support/passed-most.ts'

const MEMBERS = 2_500
const LOAD = { perSecond: 50, members: 50, windowMs: 12_000 }
/** Longer than a turn tries to reach the store. */
const HELD_MS = 7_000
/** Pages that are claimed one after the other are woken side by side; some wakes take longer. */
const PASSED_MOST = 400

describe(`${MEMBERS} timers due in one second`, () => {
  it(`fire in due order though nobody could write for ${HELD_MS} ms`, async function () {
    this.timeout(300_000)
    const path = mkdtempSync(join(tmpdir(), 'chp-due-order-'))
    const crowd = new CrowdPairs(lmdbStore({ path }))
    await crowd.start()
    try {
      await crowd.gather(MEMBERS)
      const held = heldOnce(path, async () => crowd.fired.length >= MEMBERS / 5)

      const { shed } = await crowd.talk(LOAD, true)
      await held
      await crowd.drain(MEMBERS)

      const passed = passedMost(crowd.fired)
      process.stdout.write(`      ${JSON.stringify({ shed, passed })}\n`)
      assert.ok(shed > 0, 'the store was never away')
      assert.equal(new Set(crowd.fired.map(({ user }) => user)).size, MEMBERS)
      assert.ok(passed <= PASSED_MOST)
    } finally {
      await crowd.stop()
      rmSync(path, { recursive: true, force: true })
    }
  })
})

/** Another process takes the write lock for a while. */
async function heldOnce(path: string, isTime: () => Promise<boolean>): Promise<void> {
  await eventually(isTime, { withinMs: 60_000, everyMs: 5 })
  const holder = fork(sourceOf('spec/support/lmdb-holder.ts'), [path], { stdio: 'inherit' })
  await once(holder, 'message')
  const sinceMs = performance.now()
  await eventually(async () => performance.now() - sinceMs >= HELD_MS, {
    withinMs: 2 * HELD_MS,
    everyMs: 100
  })
  holder.kill('SIGKILL')
  await once(holder, 'exit')
}
