import { type Logger, pino } from 'pino'

/** Everything that was logged, at the most verbose level, as it would stand in a log file. */
export interface CapturedLog {
  readonly logger: Logger
  /** The texts of these that stand in the log. */
  found(texts: readonly string[]): readonly string[]
}

/** Lines kept; a case that logs more has gone astray, and the first lines say why. */
const LINES_MAX = 200_000

export function capturedLog(): CapturedLog {
  const lines: string[] = []
  const logger = pino(
    { level: 'trace' },
    {
      write: line => {
        if (lines.length < LINES_MAX) lines.push(line)
      }
    }
  )
  const stands = (text: string): boolean => {
    const escaped = JSON.stringify(text).slice(1, -1)
    return lines.some(line => line.includes(text) || line.includes(escaped))
  }
  return { logger, found: texts => texts.filter(stands) }
}
