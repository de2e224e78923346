import type { Clock, Millis } from '../kernel/clock.ts'
import { failure, failureOf } from '../kernel/failure.ts'
import type { Log } from '../kernel/log.ts'
import { whatWentWrong } from '../kernel/thrown.ts'
import type { Notices } from './alarms.ts'

interface TendedParts {
  readonly log: Log
  readonly clock: Clock
  readonly alarms: Notices
}

/** A part of the runtime that is no conversation. */
export type PartName = 'outbox' | 'calls' | 'timers'

/** So often may a part fail unforeseen before a person is told; it goes on all the same. */
const INTENSITY = { max: 10, withinMs: 60_000 } as const
const TOLD_AGAIN_MS = 3_600_000

/**
 * Counts what one part caught although nobody had foreseen it, and took itself up from.
 *
 * Each part has an intensity of its own: what one spends does not silence or alarm for another. A
 * store that is away was foreseen, and is told as such.
 */
export function tended(
  part: PartName,
  { log, clock, alarms }: TendedParts
): (error: unknown) => void {
  const { max, withinMs } = INTENSITY
  /** The newest `max`, oldest first. */
  let faultsMs: readonly Millis[] = []
  let toldMs = Number.NEGATIVE_INFINITY
  return error => {
    if (failureOf(error)?.tag === 'Unavailable') return
    const nowMs = clock.monotonicMs()
    faultsMs = [...faultsMs.slice(1 - max), nowMs]
    const [oldestMs = nowMs] = faultsMs
    if (faultsMs.length < max || oldestMs <= nowMs - withinMs) return
    if (nowMs < toldMs + TOLD_AGAIN_MS) return
    faultsMs = []
    toldMs = nowMs
    const last = whatWentWrong(error)
    const detail = `${part}: ${max} unforeseen faults within ${withinMs} ms, the last ${last}.`
    const failed = failure('CHP_PART_FAILING', detail)
    log.error({ event: 'part.failing', part, code: failed.code, detail }, 'a person is needed')
    alarms.notice({ failure: failed, conversation: null, where: part })
  }
}
