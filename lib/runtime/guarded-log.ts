import type { Log } from '../kernel/log.ts'

/** A log that cannot harm a turn: one that throws has said what it could, and there is no other. */
export function guardedLog(log: Log): Log {
  const guarded =
    (level: keyof Log) =>
    (fields: object, message?: string): boolean => {
      try {
        log[level](fields, message)
        return true
      } catch (error) {
        return error === undefined
      }
    }
  return {
    debug: guarded('debug'),
    info: guarded('info'),
    warn: guarded('warn'),
    error: guarded('error')
  }
}
