import { calling, plain } from './code-of.ts'
import { type FieldRead, type Handed, readsOf } from './flow-data.ts'
import { tokensOf } from './tokens.ts'

/** Fields that a function writes on its way to a step; null when its text does not tell which. */
export interface FieldsWritten {
  readonly step: string
  readonly fields: readonly string[] | null
}

const patched = new RegExp(`${calling('goto')}\\s*(['"\`])([^'"\`\\\\$]+)\\1\\s*,\\s*(\\{?)`, 'g')
const begun = new RegExp(
  `${calling('goto')}\\s*\\{\\s*flow:\\s*(['"\`])([^'"\`\\\\$]+)\\1\\s*\\}\\s*,`,
  'g'
)

/** The fields of the flow's data that a function reads, as far as its own text tells. */
export function fieldsReadBy(run: unknown, handed: Handed): readonly FieldRead[] {
  const reads = new Map<string, boolean>()
  for (const { field, alternative } of readsOf(tokensOf(run), handed))
    reads.set(field, reads.get(field) === true || alternative)
  return [...reads].map(([field, alternative]) => ({ field, alternative }))
}

/** What a function writes with `goto('step', { field: value })`. */
export function fieldsWrittenBy(run: unknown): readonly FieldsWritten[] {
  const { code } = tokensOf(run)
  return [...code.matchAll(patched)].map(match => {
    const [whole, , step = '', brace] = match
    const fields = brace === '{' ? keysOf(code.slice(match.index + whole.length)) : null
    return { step: plain(step), fields }
  })
}

/** The flows that a function begins with data of its choice. */
export function flowsGivenBy(run: unknown): readonly string[] {
  const { code } = tokensOf(run)
  return [...code.matchAll(begun)].map(match => plain(match[2] ?? ''))
}

/** Keys of an object literal, given the text after its first brace; null when some are computed. */
function keysOf(text: string): readonly string[] | null {
  const keys: string[] = []
  let depth = 0
  let entry = ''
  for (const letter of text) {
    if ('([{'.includes(letter)) depth += 1
    else if (')]}'.includes(letter)) depth -= 1
    const ends = depth < 0 || (depth === 0 && letter === ',')
    if (!ends) {
      entry += letter
      continue
    }
    const key = /^\s*(?:(['"])([^'"]+)\1|([A-Za-z_$][\w$]*))\s*(?::|$)/.exec(entry)
    if (key !== null) keys.push(plain(key[2] ?? key[3] ?? ''))
    else if (entry.trim() !== '') return null
    if (depth < 0) return keys
    entry = ''
  }
  return null
}
