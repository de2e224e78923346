import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Random } from '../../kernel/random.ts'

const ID_BYTES = 16
const KEPT_SECONDS = 400 * 24 * 3_600

/** How a cookie is to be set: for which path, and whether over TLS only. */
export interface CookieScope {
  readonly path: string
  readonly isSecure: boolean
}

/**
 * Who a visitor is: 128 random bits in a signed cookie that scripts cannot read.
 *
 * The signature is what makes an id ours; without it anyone could name an id and be that visitor.
 */
export class Visitors {
  readonly #secret: Uint8Array
  readonly #random: Random
  readonly #name: string

  constructor(secret: Uint8Array, random: Random) {
    this.#secret = secret
    this.#random = random
    // Cookies know no ports: two bots on one host must not take each other's.
    this.#name = `chp_${this.#mac('name', '').toString('hex').slice(0, 8)}`
  }

  /** A visitor never seen before. */
  create(): string {
    return Buffer.from(this.#random.bytes(ID_BYTES)).toString('base64url')
  }

  /** The visitor a `Cookie` header names under our signature, or null. */
  idIn(cookies: string | undefined): string | null {
    for (const cookie of (cookies ?? '').split(';')) {
      const [name, value] = halves(cookie.trim(), '=')
      if (name !== this.#name) continue
      const [id, signature] = halves(value, '.')
      const given = Buffer.from(signature, 'base64url')
      const mac = this.#mac('visitor', id)
      if (given.length === mac.length && timingSafeEqual(given, mac)) return id
    }
    return null
  }

  /** The `Set-Cookie` value that makes the browser this visitor for 400 days. */
  cookie(id: string, { path, isSecure }: CookieScope): string {
    const value = `${id}.${this.#mac('visitor', id).toString('base64url')}`
    const scope = `Path=${path}; Max-Age=${KEPT_SECONDS}; HttpOnly; SameSite=Strict`
    return `${this.#name}=${value}; ${scope}${isSecure ? '; Secure' : ''}`
  }

  /** A word that differs from visitor to visitor and does not tell the id. */
  tag(id: string): string {
    return this.#mac('tag', id).toString('base64url').slice(0, 16)
  }

  #mac(use: string, text: string): Buffer {
    return createHmac('sha256', this.#secret).update(`chaperone.webchat.1.${use}.${text}`).digest()
  }
}

function halves(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
