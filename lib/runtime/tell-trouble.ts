import { failureOf } from '../kernel/failure.ts'
import type { Cell } from './cell.ts'
import type { Parts } from './parts.ts'

/** Tells a person, once for as long as the conversation is live, that stored data is damaged. */
export function tellTrouble({ alarms, log }: Parts, cell: Cell, error: unknown): void {
  const failed = failureOf(error)
  if (failed?.tag !== 'Corrupt' || cell.alarmTold) return
  cell.alarmTold = true
  const { code, detail } = failed
  log.error({ event: 'stored.damaged', conversation: cell.id, code, detail }, 'needs a person')
  alarms.notice({ failure: failed, conversation: cell.id, where: 'stored data' })
}
