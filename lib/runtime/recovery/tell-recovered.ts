import type { Cell } from '../cell.ts'
import type { Parts } from '../parts.ts'
import type { Recovery } from './standing.ts'

/** Says, once it is committed, how a damaged conversation came back: a line a rung, one event. */
export function tellRecovered(
  { log, listeners }: Parts,
  { id: conversation }: Cell,
  { rung, notes }: Recovery,
  version: number
): void {
  for (const note of notes) {
    const { rung: tried, passed, field, rule, version: from } = note
    const fields = {
      event: 'record.recovery',
      conversation,
      rung: tried,
      passed,
      field,
      rule,
      from
    }
    log.warn(fields, passed ? 'a damaged record is recovered' : 'this rung does not hold')
  }
  listeners.emit('recovered', { conversation, rung, version, rungs: notes })
}
