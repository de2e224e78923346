import { pause } from '../../lib/kernel/clock.ts'
import { silentLog } from '../../lib/kernel/log.ts'
import { Caution, type Deaths, runName } from '../../lib/runtime/caution.ts'
import { GIVING_UP } from '../../lib/runtime/watchdog.ts'
import { memoryStore } from '../../lib/testing/memory-store.ts'
import { simulatedClock } from '../../lib/testing/simulated-clock.ts'
import { turns } from './a-world.ts'

export const EVENT = { kind: 'Inbound', id: '15550001001 m1' }
export const SUSPECT = { conversation: 'c', event: EVENT, isGivingUp: false }
export const BLOCKED = {
  conversation: 'c',
  kind: 'Inbound',
  id: '0123456789abcdef',
  where: 'SHOP.pay',
  blockedMs: 5_000,
  build: 'b/1'
}
export const TURN_MS = 5_000

/** Processes on one store; who is ended writes nothing any more. */
export function aFleet() {
  const clock = simulatedClock({ startMs: 1_000_000 })
  const store = memoryStore({ clock })
  const calls: string[] = []
  /** What the row of each process says. */
  const rows = new Map<string, string | null>()
  const slow = { ms: 0 }
  const inTime = (): number => clock.monotonicMs() + TURN_MS
  const started = async (process: string) => {
    const life = { isOver: false }
    const keepProcess: NonNullable<typeof store.keepProcess> = async (...row) => {
      if (life.isOver) return new Promise(() => undefined)
      calls.push(`${row[0]}:${row[1]}`)
      if (slow.ms > 0) await pause(clock, slow.ms)
      rows.set(row[0], row[1])
      return store.keepProcess!(...row)
    }
    const caution = new Caution({ store: { keepProcess }, clock, log: silentLog, process })
    await caution.start()
    return {
      caution,
      end: () => {
        life.isOver = true
      },
      /** Ends in the middle of a run of this event. */
      fatal: async (suspect = SUSPECT) => {
        void caution.noted(suspect, inTime(), () => {
          life.isOver = true
        })
        await turns(3)
      },
      deaths: (suspect = SUSPECT) =>
        caution.noted(suspect, inTime(), ({ runs, givingUp }: Deaths) => ({ runs, givingUp })),
      /** Its loop stands still, and a thread beside it writes of this event. */
      stands: async (word: string, suspect = SUSPECT, told: object = BLOCKED) => {
        life.isOver = true
        const mark = suspect.isGivingUp ? GIVING_UP : ''
        const row = `${runName(suspect)}${mark} ${word} ${JSON.stringify(told)}`
        await store.keepProcess!(process, row, [])
      },
      /** What the thread of the last one said whose end is charged to the event. */
      blocked: () => caution.noted(SUSPECT, inTime(), (deaths: Deaths) => deaths.blocked),
      /** It was no end: the loop goes on. */
      goesOn: () => {
        life.isOver = false
      },
      unheard: () => caution.noted(SUSPECT, inTime(), (deaths: Deaths) => deaths.unheard)
    }
  }
  const pass = async (ms: number): Promise<void> => {
    const endMs = clock.nowMs() + ms
    while (clock.nowMs() < endMs) {
      clock.advanceTo(Math.min(endMs, clock.nextDueMs() ?? endMs))
      await turns(2)
    }
  }
  return { started, pass, calls, rows, slow, clock }
}
