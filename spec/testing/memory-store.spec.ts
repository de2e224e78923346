import type { Clock } from '../../lib/kernel/clock.ts'
import { memoryStore } from '../../lib/testing/memory-store.ts'
import { storeContract } from '../../lib/testing/store-contract.ts'

describe('the memory store', () => {
  let nowMs = 1_700_000_000_123
  const clock: Clock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    after: () => () => undefined
  }
  const store = memoryStore({ clock })
  const advance = async (ms: number): Promise<void> => {
    nowMs += ms
  }

  for (const { name, check } of storeContract) {
    it(name, async () => check({ store, other: store, advance }))
  }
})
