import { ChaperoneError, type FailureCode, failure } from '../../lib/kernel/failure.ts'
import { seededRandom } from '../../lib/kernel/random.ts'
import type { Notice } from '../../lib/runtime/alarms.ts'
import { StoreGate } from '../../lib/runtime/gate/store-gate.ts'
import type { ConversationStore } from '../../lib/store/conversation-store.ts'
import { faultyStore } from '../../lib/testing/faulty-store.ts'
import { memoryStore } from '../../lib/testing/memory-store.ts'
import { simulatedClock } from '../../lib/testing/simulated-clock.ts'
import { turns } from './a-world.ts'

export const ID = 'AAAAAAAAAAAAAAAAAAAAAA'
export const OTHER = 'BBBBBBBBBBBBBBBBBBBBBB'

/** A gate before a store in memory that fails on demand. */
export function aGate(partOf?: (id: string) => string) {
  const clock = simulatedClock({ startMs: 0 })
  const model = memoryStore({ clock })
  if (partOf !== undefined) Object.assign(model, { partOf })
  const store = faultyStore(model, { clock })
  const lines: (Record<string, unknown> & { readonly event: string })[] = []
  const write = (fields: object): void => void lines.push(fields as (typeof lines)[number])
  const alarms: Notice[] = []
  const gate = new StoreGate({
    store,
    clock,
    random: seededRandom(5),
    log: { debug: write, info: write, warn: write, error: write },
    alarms: { notice: alarm => alarms.push(alarm) },
    limits: { storeCallMs: 3_000, storeWalkMs: 30_000 }
  })
  const pass = async (ms: number): Promise<void> => {
    const endMs = clock.nowMs() + ms
    while (clock.nowMs() < endMs) {
      await turns(3)
      clock.advanceTo(Math.min(endMs, clock.nextDueMs() ?? endMs))
    }
    await turns(3)
  }
  const load = (id = ID, withinMs = 5_000): Promise<unknown> =>
    gate.patiently(id, clock.monotonicMs() + withinMs, () => gate.store.load(id))
  const made = (call: string): number => store.calls.filter(row => row.call === call).length
  return { clock, model, store, lines, alarms, gate, pass, load, made }
}

type Gate = ReturnType<typeof aGate>

/** Makes every call fail until it is healed. */
export function fails({ model }: Gate, code: FailureCode): { readonly heal: () => void } {
  const wrong = (): Promise<never> => Promise.reject(new ChaperoneError(failure(code, 'planned')))
  const calls = ['load', 'commit', 'defer', 'time', 'claimDue'] as const
  for (const call of calls) Object.assign(model, { [call]: wrong })
  return {
    heal: () => {
      for (const call of calls) delete (model as Partial<ConversationStore>)[call]
    }
  }
}
