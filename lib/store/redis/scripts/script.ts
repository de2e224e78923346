import { readFileSync } from 'node:fs'
import { BOUNDS } from '../../conversation-store.ts'
import type { Link } from '../link.ts'

const PLACEHOLDER = /\$([A-Za-z]\w*)/g
const bounds = new Map<string, number>(Object.entries(BOUNDS))

/** A Lua script as the server runs it; its file stands beside its typed caller. */
export interface Script {
  readonly name: string
  readonly lua: string
}

/**
 * Reads a script of this folder, once, when its caller is loaded; parts are what scripts share.
 *
 * Bounds are written there by name, `$inboxRows`, and filled in: they are said in one place.
 */
export function script(name: string, ...parts: readonly string[]): Script {
  const text = textOf(name)
  const header = text.indexOf('\nlocal ')
  const shared = parts.map(part => textOf(`${part}.part`))
  return { name, lua: [text.slice(0, header), ...shared, text.slice(header)].join('\n') }
}

/** Text of a script with its bounds filled in; throws for a name that is no bound. */
export function withBounds(lua: string): string {
  return lua.replaceAll(PLACEHOLDER, (written, name: string) => {
    const bound = bounds.get(name)
    if (bound === undefined) throw new Error(`${written} is no bound of the store.`)
    return String(bound)
  })
}

/**
 * Runs a script: number of keys, keys, arguments; `read` makes the outcome of the reply and may
 * look at the link by which it came.
 */
export type RunScript = <R, T>(
  script: Script,
  args: readonly (string | number)[],
  read: (reply: R, link: Link) => T | Promise<T>
) => Promise<T>

/** A fingerprint as the two numbers that cross the wire: bytes would slow every command. */
export function printNumbers(fingerprint: Uint8Array): readonly [number, number] {
  return [numberAt(fingerprint, 0), numberAt(fingerprint, 4)]
}

/** When there is room again, from the seconds a script answers; null when that is past. */
export function untilMsOf(until: number, now: number): number | null {
  return until > now ? until * 1000 : null
}

function textOf(name: string): string {
  return withBounds(readFileSync(new URL(`./${name}.lua`, import.meta.url), 'utf8'))
}

function numberAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! * 0x100_0000 + (bytes[at + 1]! << 16) + (bytes[at + 2]! << 8) + bytes[at + 3]!
}
