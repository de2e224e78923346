import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemRandom } from '../../lib/kernel/random.ts'
import type { ConversationStore } from '../../lib/store/conversation-store.ts'
import { MortalFleet } from './mortal-fleet.ts'

/** A policy that gives an event up at its first failure. */
const AT_ONCE = 'restarts: 0\nladder: [park]\n'

/**
 * A message whose turn never ends, under a policy that has one run of it: one process is ended,
 * then the message is parked unrun, and what blocked stands there.
 */
export async function blockedOnce(
  env: Readonly<Record<string, string>>,
  directory: string,
  store: ConversationStore
): Promise<void> {
  const POLICY = join(directory, 'policy.yaml')
  writeFileSync(POLICY, AT_ONCE)
  const fleet = new MortalFleet({ ...env, POLICY })
  await fleet.start()
  try {
    await fleet.taken('fatal', '15550001001 before')
    const fatal = await fleet.taken('fatal', '15550001001 blocks', 'block')

    assert.equal(fatal.tag, 'parked')
    assert.equal(fleet.deaths, 1)
    assert.equal((await fleet.taken('fatal', '15550001001 after')).tag, 'committed')
    await store.open({ idKey: systemRandom.bytes(32), sealKey: systemRandom.bytes(32) })
    const rows = await store.parked(fatal.conversation)
    const { rows: left = [] } = (await store.keepProcess?.('spec', null, [])) ?? {}
    await store.close()
    const [{ code, attempts, message } = {}, ...more] = rows.map(
      row => JSON.parse(row) as Record<string, unknown>
    )
    assert.deepEqual([code, attempts, more], ['CHP_TURN_FATAL', 1, []])
    assert.match(
      String(message),
      /blocked the event loop for \d+ ms at CHAIN\.link \(build chain\/1\)/
    )
    assert.equal(JSON.stringify([message, left]).includes('15550001001'), false)
  } finally {
    await fleet.stop()
  }
}
