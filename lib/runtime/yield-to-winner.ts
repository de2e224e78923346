import { pause } from '../kernel/clock.ts'
import { fail } from '../kernel/failure.ts'
import { fullJitterMs } from '../kernel/random.ts'
import type { Cell } from './cell.ts'
import type { Memory } from './memory.ts'
import type { Parts } from './parts.ts'

const CONFLICT_BACKOFF = { initialMs: 2, maxMs: 50, factor: 2 }

/** Lets the process that came first go on, for a jittered while that grows with every loss. */
export async function yieldToWinner(
  parts: Parts,
  { id: conversation }: Cell,
  { fence }: Memory,
  conflicts: number
): Promise<void> {
  const { clock, random, limits, log } = parts
  if (conflicts > limits.conflicts) {
    fail('CHP_STORE_CONTENDED', `${conflicts} conflicts in a row.`)
  }
  const { epoch, version, head: parent } = fence ?? { epoch: null, version: 0, head: null }
  const fields = { conversation, epoch, version, parent, conflicts }
  log.debug({ event: 'commit.conflict', ...fields }, 'another commit came first')
  await pause(clock, fullJitterMs(random, CONFLICT_BACKOFF, conflicts - 1))
}
