import type { FailedNote } from '../conversation/decision.ts'
import type { Fault } from './cell.ts'

/** What the history says of the failures of an event that a commit ends. */
export function failedNote({ eventId, context, done, verdict }: Fault): FailedNote {
  const { code, cause } = context
  const { directive, rule, why } = verdict
  return { kind: 'failed', event: eventId, code, cause, done, directive, rule, why }
}
