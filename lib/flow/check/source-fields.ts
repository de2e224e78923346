import { calling, plain } from './code-of.ts'
import { type FieldRead, type Handed, readsOf } from './flow-data.ts'
import { tokensOf } from './tokens.ts'

/** Fields that a function writes on its way to a step; null when its text does not tell which. */
export interface FieldsWritten {
  readonly step: string
  readonly fields: readonly string[] | null
  /** Fields that it takes away by writing `undefined`. */
  readonly removed: readonly string[]
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
    const entries = brace === '{' ? entriesOf(code.slice(match.index + whole.length)) : null
    return { step: plain(step), ...writtenOf(entries) }
  })
}

/** The flows that a function begins with data of its choice. */
export function flowsGivenBy(run: unknown): readonly string[] {
  const { code } = tokensOf(run)
  return [...code.matchAll(begun)].map(match => plain(match[2] ?? ''))
}

/** What is written and what is removed by these fields and their values. */
export function writtenOf(
  entries: readonly (readonly [field: string, value: unknown])[] | null
): Pick<FieldsWritten, 'fields' | 'removed'> {
  if (entries === null) return { fields: null, removed: [] }
  const last = [...new Map(entries)]
  return {
    fields: last.filter(([, value]) => value !== undefined).map(([field]) => field),
    removed: last.filter(([, value]) => value === undefined).map(([field]) => field)
  }
}

/**
 * Keys of an object literal with the text of their values, given the text after its first brace;
 * null when some are computed. A value that says `undefined` is undefined.
 */
function entriesOf(text: string): readonly (readonly [string, string | undefined])[] | null {
  const entries: (readonly [string, string | undefined])[] = []
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
    if (key !== null) {
      const value = entry.slice(key[0].length).trim()
      entries.push([plain(key[2] ?? key[3] ?? ''), isNothing(value) ? undefined : value])
    } else if (entry.trim() !== '') return null
    if (depth < 0) return entries
    entry = ''
  }
  return null
}

/** As people, compilers and minifiers write it. */
function isNothing(value: string): boolean {
  return /^(?:undefined|\(?void 0\)?)$/.test(value)
}
