import type { Clock } from '../kernel/clock.ts'
import { failure } from '../kernel/failure.ts'
import type { Log } from '../kernel/log.ts'
import type { Listeners } from './trace.ts'

interface TendedParts {
  readonly log: Log
  readonly clock: Clock
  readonly listeners: Listeners
}

/** A part of the runtime that is no conversation. */
export type PartName = 'outbox' | 'calls' | 'timers'

/** So often may a part fail unforeseen before a person is told; it goes on all the same. */
const INTENSITY = { max: 10, withinMs: 60_000 } as const
const TOLD_AGAIN_MS = 3_600_000

/** What parts say when they caught what nobody had foreseen, and took themselves up again. */
const FAULTS: ReadonlySet<unknown> = new Set([
  'call.failed',
  'outbox.failed',
  'sweep.failed',
  'wake.failed'
])

/**
 * The log of one part, which counts the faults that the part tells of itself.
 *
 * Each part has an intensity of its own: what one spends does not silence or alarm for another.
 */
export function tended(part: PartName, { log, clock, listeners }: TendedParts): Log {
  let faultsMs: readonly number[] = []
  let toldMs = Number.NEGATIVE_INFINITY
  const counted = (fields: object): void => {
    if (!('event' in fields) || !FAULTS.has(fields.event)) return
    const nowMs = clock.monotonicMs()
    faultsMs = [...faultsMs.filter(atMs => atMs > nowMs - INTENSITY.withinMs), nowMs]
    if (faultsMs.length < INTENSITY.max || nowMs < toldMs + TOLD_AGAIN_MS) return
    faultsMs = []
    toldMs = nowMs
    const { max, withinMs } = INTENSITY
    const last = String(fields.event)
    const detail = `${part}: ${max} unforeseen faults within ${withinMs} ms, the last ${last}.`
    const failed = failure('CHP_PART_FAILING', detail)
    log.error({ event: 'part.failing', part, code: failed.code, detail }, 'a person is needed')
    listeners.emit('alarm', { conversation: null, failure: failed })
  }
  return {
    debug: (fields, message) => log.debug(fields, message),
    info: (fields, message) => log.info(fields, message),
    warn: (fields, message) => {
      log.warn(fields, message)
      counted(fields)
    },
    error: (fields, message) => {
      log.error(fields, message)
      counted(fields)
    }
  }
}
