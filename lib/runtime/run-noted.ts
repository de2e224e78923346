import type { ConversationRecord } from '../conversation/record.ts'
import type { Millis } from '../kernel/clock.ts'
import { type Failure, fail, failure } from '../kernel/failure.ts'
import { judge } from '../supervision/judge.ts'
import { isRepeating } from '../supervision/policy.ts'
import { type Blocked, blockedText } from './blocked.ts'
import type { Cell } from './cell.ts'
import { metFailure } from './met-failure.ts'
import { recentResets } from './next-record.ts'
import type { Parts } from './parts.ts'
import type { Cause, Planned } from './planned.ts'
import { TurnDefect } from './turn-defect.ts'
import type { Watched } from './watchdog.ts'

/**
 * Plans an event, while processes end uncleanly only when the store knows of it.
 *
 * Throws `TurnDefect` instead when as many processes ended in runs of this event as it may have.
 */
export async function runNoted(
  parts: Parts,
  cell: Cell,
  cause: Cause,
  deadlineMs: Millis,
  plan: () => Planned
): Promise<Planned> {
  const { event, parked } = cause
  // Parked as it is, nothing of the bot is run.
  if (parked?.how === 'park') return plan()
  const isGivingUp = givesUp(cause)
  const suspect = { conversation: cell.id, event, isGivingUp }
  return parts.caution.noted(suspect, deadlineMs, deaths => {
    const { runs, givingUp, unheard, blocked } = deaths
    const isSpent = (count: number): boolean => count > 0 && !mayRunAgain(parts, cell, cause, count)
    if (!(isGivingUp ? givingUp > 0 : isSpent(runs))) return plan()
    // Shed until this process has heard of all that live: their rows are no deaths.
    if (unheard > 0 && (isGivingUp || !isSpent(runs - unheard))) {
      fail('CHP_STORE_CONTENDED', 'Other processes may be in a run of the event, or have ended.')
    }
    throw new TurnDefect(fatal(runs, blocked), event, runs)
  })
}

/** What the watchdog is to know of a run that begins. */
export function watched(
  conversation: string,
  record: ConversationRecord | null,
  cause: Pick<Cause, 'event' | 'parked'>
): Watched {
  const where = record === null ? 'none' : `${record.flow.flow}.${record.flow.step}`
  return { conversation, event: cause.event, where, isGivingUp: givesUp(cause) }
}

function givesUp({ parked }: Pick<Cause, 'parked'>): boolean {
  return parked !== null && parked.how !== 'recovery' && parked.how !== 'park'
}

function fatal(runs: number, blocked: Blocked | null): Failure {
  const detail = `Processes ended in ${runs} runs of the event.`
  return failure('CHP_TURN_FATAL', blocked === null ? detail : `${detail} ${blockedText(blocked)}`)
}

function mayRunAgain(parts: Parts, cell: Cell, { event }: Cause, runs: number): boolean {
  const met = { failure: fatal(runs, null), action: 'decide', event, attempt: runs } as const
  const context = metFailure(parts, cell, met)
  const resets = recentResets(parts, cell.memory?.record ?? null, parts.time.nowMs()).length
  return isRepeating(judge(parts.policy(), { ...context, resets }).act)
}
