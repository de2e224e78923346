import type { IncomingMessage, ServerResponse } from 'node:http'
import { PAGE_HEADERS, type PageFile } from './page-files.ts'
import { pathOf } from './upgrade.ts'
import type { Visitors } from './visitors.ts'

export interface PageParts {
  readonly path: string
  readonly files: ReadonlyMap<string, PageFile>
  /** Null before the host has started: nobody can be known then. */
  readonly visitors: Visitors | null
}

/** Serves the page, its files and `session`, which only sees to it that the cookie is there. */
export function servePage(
  parts: PageParts,
  req: IncomingMessage,
  res: ServerResponse,
  next?: () => void
): void {
  const { path, files, visitors } = parts
  const asked = pathOf(req)
  if (`${asked}/` === path) {
    // The page's own addresses are relative to the slash.
    answer(req, res, 308, { location: path })
    return
  }
  const name = asked.startsWith(path) ? asked.slice(path.length) : null
  const file = name === null ? undefined : files.get(name === '' ? 'index.html' : name)
  if (file === undefined && name !== 'session') {
    if (next === undefined) answer(req, res, 404, {})
    else next()
    return
  }
  if (req.method !== 'GET' && req.method !== 'HEAD') {
    answer(req, res, 405, { allow: 'GET, HEAD' })
    return
  }
  const isEntry = name === '' || name === 'session'
  if (isEntry && visitors === null) {
    answer(req, res, 503, { 'retry-after': '1', 'cache-control': 'no-store' })
    return
  }
  const cookie = isEntry && visitors !== null ? cookieFor(visitors, path, req) : {}
  if (file === undefined) answer(req, res, 204, { ...cookie, 'cache-control': 'no-store' })
  else sendFile(req, res, file, cookie)
}

function sendFile(
  req: IncomingMessage,
  res: ServerResponse,
  { type, body, etag }: PageFile,
  headers: Record<string, string>
): void {
  const isKnown = req.headers['if-none-match'] === etag
  const all = { ...headers, etag, 'cache-control': 'no-cache' }
  if (isKnown) answer(req, res, 304, all)
  else answer(req, res, 200, { ...all, 'content-type': type }, body)
}

/** Makes a newcomer a visitor, and lets the cookie of a known one last from now. */
function cookieFor(visitors: Visitors, path: string, req: IncomingMessage): Record<string, string> {
  const known = visitors.idIn(req.headers.cookie)
  // A strict cookie does not come along when a link elsewhere led here: not known is not new.
  if (known === null && req.headers['sec-fetch-site'] === 'cross-site') return {}
  const id = known ?? visitors.create()
  return { 'set-cookie': visitors.cookie(id, { path, isSecure: isSecure(req) }) }
}

function isSecure({ socket, headers }: IncomingMessage): boolean {
  return 'encrypted' in socket || headers['x-forwarded-proto'] === 'https'
}

function answer(
  req: IncomingMessage,
  res: ServerResponse,
  status: number,
  headers: Record<string, string>,
  body: Buffer = Buffer.alloc(0)
): void {
  if (res.headersSent) return
  const length = status === 204 || status === 304 ? {} : { 'content-length': body.length }
  res.writeHead(status, { ...PAGE_HEADERS, ...headers, ...length })
  res.end(req.method === 'HEAD' ? undefined : body)
}
