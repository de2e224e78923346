import type { IncomingMessage } from 'node:http'
import { LINES_PER_VISITOR_MAX, type Lines } from './lines.ts'

/** Why a WebSocket is not opened, as an HTTP status line has it. */
export type Refusal =
  | '401 Unauthorized'
  | '403 Forbidden'
  | '404 Not Found'
  | '429 Too Many Requests'
  | '503 Service Unavailable'

export interface UpgradeParts {
  readonly path: string
  readonly user: string | null
  readonly lines: Lines
  readonly connectionsMax: number
  readonly isClosed: boolean
}

/** Whether this request may become a line; null when it may. */
export function refusalOf(req: IncomingMessage, parts: UpgradeParts): Refusal | null {
  const { path, user, lines, connectionsMax, isClosed } = parts
  if (pathOf(req) !== `${path}socket`) return '404 Not Found'
  if (isClosed || lines.count >= connectionsMax) return '503 Service Unavailable'
  // Cookies go along with a WebSocket from anywhere; the origin says from where.
  if (!isSameOrigin(req)) return '403 Forbidden'
  if (user === null) return '401 Unauthorized'
  return lines.countOf(user) >= LINES_PER_VISITOR_MAX ? '429 Too Many Requests' : null
}

/** The path a request asks for; frameworks that mount keep the whole one in `originalUrl`. */
export function pathOf(req: IncomingMessage & { readonly originalUrl?: unknown }): string {
  const url = typeof req.originalUrl === 'string' ? req.originalUrl : (req.url ?? '')
  return url.split('?', 1)[0] ?? ''
}

function isSameOrigin({ headers: { origin, host } }: IncomingMessage): boolean {
  if (origin === undefined || host === undefined || !URL.canParse(origin)) return false
  return new URL(origin).host === host.toLowerCase()
}
