import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** One file of the page, ready to be sent. */
export interface PageFile {
  readonly type: string
  readonly body: Buffer
  readonly etag: string
}

const TYPES = {
  'index.html': 'text/html; charset=utf-8',
  'chat.css': 'text/css; charset=utf-8',
  'bubbles.css': 'text/css; charset=utf-8',
  'chat.js': 'text/javascript; charset=utf-8',
  'bubbles.js': 'text/javascript; charset=utf-8',
  'connection.js': 'text/javascript; charset=utf-8',
  'memory.js': 'text/javascript; charset=utf-8',
  'icon.svg': 'image/svg+xml'
} as const

/** The files of the page by name; `index.html` bears the title. They lie beside this module. */
export function pageFiles(title: string): ReadonlyMap<string, PageFile> {
  return new Map(
    Object.entries(TYPES).map(([name, type]) => {
      const bytes = readFileSync(new URL(`./page/${name}`, import.meta.url))
      const body = name === 'index.html' ? titled(bytes, title) : bytes
      const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
      return [name, { type, body, etag }]
    })
  )
}

function titled(html: Buffer, title: string): Buffer {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
  const safe = title.replace(/[&<>"]/g, sign => entities[sign] ?? '')
  return Buffer.from(html.toString('utf8').replaceAll('{{title}}', () => safe))
}

/** Nothing from elsewhere, nothing inline, no frame around it, and no guessing of types. */
export const PAGE_HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'"
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin'
} as const
