import assert from 'node:assert/strict'
import { botOf } from '../../examples/ledger/transcript/bot-of.ts'
import type { Transcript } from '../../examples/ledger/transcript/form.ts'
import { play } from '../../examples/ledger/transcript/player.ts'
import { aCase, memoryHome } from '../examples/ledger/transcript/a-case.ts'

type Played = Parameters<typeof aCase>[0]
type Given = Parameters<typeof aCase>[1]
type Expectation = Transcript['expect'][number]

/** Plays a case of the ledger bot on the real runtime, and holds it to what it expects. */
export async function holds(played: Played, given: Given = {}): Promise<void> {
  const misses = await play(aCase(played, given), { store: memoryHome, bot: botOf })
  assert.deepEqual(misses, [])
}

/** What must be seen at a place, beside the replies. */
export function at(
  place: string,
  replies: readonly string[],
  more: Partial<Expectation> = {}
): Expectation {
  const [stage = '', step = ''] = place.split('.')
  return { stage, step, dataSubset: {}, replyKinds: [], replyMatches: replies, ...more }
}

/** A fault that the first so many requests of an entry meet. */
export function failing(
  during: string,
  endpoint: 'login' | 'resolveHandle' | 'createOffer' | 'channelSend',
  kind: 'http401' | 'http503' | 'timeout' | 'timeoutAfterCommit',
  times = 1
): Transcript['given']['faults'][number] {
  return { during, endpoint, kind, times }
}
