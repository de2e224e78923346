import type { TurnEvent } from '../conversation/turn-event.ts'
import { type Failure, failure, failureOf } from '../kernel/failure.ts'
import { whatWasThrown } from '../kernel/thrown.ts'

/** A bug of the bot met while deciding this event; caught only at the actor's edge. */
export class TurnDefect extends Error {
  readonly failure: Failure
  readonly event: TurnEvent
  /** Runs of the event, where other processes had them; null: this process knows. */
  readonly runs: number | null
  constructor(failed: Failure, event: TurnEvent, runs: number | null = null) {
    super(failed.detail, { cause: failed.cause })
    this.name = 'TurnDefect'
    this.failure = failed
    this.event = event
    this.runs = runs
  }
}

/** Runs bot code; whatever it throws becomes the one thing that crashes an actor. */
export function asDefect<T>(event: TurnEvent, run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw error instanceof TurnDefect ? error : new TurnDefect(defectOf(error), event)
  }
}

/** What a throw of the bot means; its message stays out, it may quote a member. */
export function defectOf(error: unknown): Failure {
  const carried = failureOf(error)
  if (carried?.tag === 'Defect') return carried
  const detail = carried === undefined ? `${whatWasThrown(error)}.` : carried.detail
  return failure('CHP_DECIDE_THREW', detail, error)
}
