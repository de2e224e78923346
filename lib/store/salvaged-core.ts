import * as E from 'fp-ts/lib/Either.js'
import type { KeyRing } from './seal.ts'
import { unsealedCore } from './sealed-core.ts'

const BEGIN = '{"core":'
/** More characters than any header has. */
const HEADER_MOST = 160

/**
 * The core in a record text whose checksum fails, or undefined when there is none to be read.
 *
 * It stands first in the text, so a record that was cut behind it still has it. Nothing vouches for
 * what is found: only the secrets in it prove that they are whole.
 */
export function salvagedCore(
  text: string,
  place: { readonly conversation: string; readonly epoch: string; readonly ring: KeyRing }
): unknown {
  const at = text.slice(0, HEADER_MOST).indexOf(BEGIN)
  if (at < 0) return undefined
  const core = leadingObject(text.slice(at + BEGIN.length))
  if (core === null) return undefined
  const opened = E.tryCatch(
    () => unsealedCore(JSON.parse(core), place),
    () => undefined
  )
  return E.toUnion(opened)
}

/** The JSON object a text begins with, or null when it does not end. */
function leadingObject(text: string): string | null {
  let depth = 0
  let quoted = false
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]
    if (quoted) {
      if (character === '\\') at += 1
      else if (character === '"') quoted = false
    } else if (character === '"') quoted = true
    else if (character === '{') depth += 1
    else if (character === '}') {
      depth -= 1
      if (depth === 0) return text.slice(0, at + 1)
    }
  }
  return null
}
