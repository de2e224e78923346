import {
  SESSION_TIMER,
  type Session,
  type Timer,
  WARNING_TIMER
} from '../../conversation/record.ts'
import type { HistoryRow } from '../../store/conversation-store.ts'
import { readPast } from './past-row.ts'

/** What happened after some version, as far as the history tells. */
export interface Since {
  /** When a member wrote last; null when nobody did. */
  readonly heardAt: number | null
  /** Ids of the timers that were taken, as their events bear them. */
  readonly timersTaken: ReadonlySet<string>
  /** Fields of the core that changed; null when the history does not tell. */
  readonly coreChanged: ReadonlySet<string> | null
}

/** The whole records that the history holds, newest first. */
export function fullRecords(history: readonly HistoryRow[]): readonly string[] {
  return history.flatMap(row => readPast(row)?.full ?? [])
}

/** Looks at the rows of a history (newest first, its newest of version `now`) above `version`. */
export function since(history: readonly HistoryRow[], now: number, version: number): Since {
  const wanted = Math.max(0, now - version)
  const rows = history.slice(0, wanted).map(readPast)
  const causes = rows.flatMap(row => row?.causes ?? [])
  const heard = rows.flatMap(row =>
    row?.causes?.some(({ kind }) => kind === 'Inbound') === true ? (row.at ?? []) : []
  )
  const tellsAll = rows.length === wanted && !rows.includes(null)
  const changed = rows.flatMap(row => Object.keys(row?.was ?? {}))
  const fields = changed.filter(key => key.startsWith('core.')).map(key => key.slice(5))
  return {
    heardAt: heard.length === 0 ? null : Math.max(...heard),
    timersTaken: new Set(causes.filter(({ kind }) => kind === 'TimerDue').map(({ id }) => id)),
    coreChanged: tellsAll ? new Set(fields) : null
  }
}

/** Timers and session as they would stand now: members' messages move the deadline on. */
export function carriedOn(
  { timers, session }: { readonly timers: readonly Timer[]; readonly session: Session },
  { heardAt, timersTaken }: Since
): { readonly timers: readonly Timer[]; readonly session: Session } {
  const { deadline, lastMessageAt } = session
  const laterMs = deadline === null ? 0 : Math.max(0, (heardAt ?? 0) - lastMessageAt)
  const left = timers.filter(({ id, dueMs }) => !timersTaken.has(`${id}@${dueMs}`))
  if (laterMs === 0 || deadline === null) return { timers: left, session }
  return {
    timers: left.map(timer =>
      isOfSession(timer) ? { ...timer, dueMs: timer.dueMs + laterMs } : timer
    ),
    session: { ...session, deadline: deadline + laterMs, lastMessageAt: lastMessageAt + laterMs }
  }
}

function isOfSession({ id }: Timer): boolean {
  return id === SESSION_TIMER || id === WARNING_TIMER
}
