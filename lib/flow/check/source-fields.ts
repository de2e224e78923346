import { calling, codeOf, plain } from './code-of.ts'

/** A field of the flow's data that the text of a function reads. */
export interface FieldRead {
  readonly field: string
  /** True when the function looks what to do without the field. */
  readonly alternative: boolean
}

/** Fields that a function writes on its way to a step; null when its text does not tell which. */
export interface FieldsWritten {
  readonly step: string
  readonly fields: readonly string[] | null
}

const own = /^(?:async\s*)?(?:function\b[^(]*)?(?:\(\s*data\b|data\s*=>)/
// The flow's data, and not what something else calls its data.
const held = '(?<![\\w$]|(?<!\\.\\.)\\.\\s*)(?:(?:hands\\s*\\.\\s*)?view\\s*\\.\\s*)?data'
const name = '([A-Za-z_$][\\w$]*)'
const read = new RegExp(
  `${held}\\s*(?:\\?\\.|\\.)\\s*${name}(\\s*(?:\\?\\?|\\?\\.|\\|\\||&&|[!=]==?|\\?))?`,
  'g'
)
const unpacked = new RegExp(
  `\\bdata\\s*:\\s*\\{([^{}]*)\\}|\\{([^{}]*)\\}\\s*=\\s*${held}\\b(?!\\s*\\??\\.)`,
  'g'
)
const guard = new RegExp(`(?:!|typeof\\s+)\\s*${held}\\s*\\.\\s*${name}`, 'g')
const patched = new RegExp(`${calling('goto')}\\s*(['"\`])([^'"\`\\\\$]+)\\1\\s*,\\s*(\\{?)`, 'g')
const begun = new RegExp(
  `${calling('goto')}\\s*\\{\\s*flow:\\s*(['"\`])([^'"\`\\\\$]+)\\1\\s*\\}\\s*,`,
  'g'
)

/** The fields of `data` that a function reads, as far as its own text tells. */
export function fieldsReadBy(run: unknown): readonly FieldRead[] {
  const code = codeOf(run)
  // Its own first parameter is called data: what an outcome brought, not what the flow holds.
  if (own.test(code)) return []
  const reads = new Map<string, boolean>()
  for (const [, field = '', looks] of code.matchAll(read))
    reads.set(field, reads.get(field) === true || looks !== undefined)
  for (const [, field = ''] of code.matchAll(guard)) reads.set(field, true)
  for (const [, parameter, declared] of code.matchAll(unpacked))
    for (const name of namesIn(parameter ?? declared ?? '')) reads.set(name, true)
  return [...reads].map(([field, alternative]) => ({ field, alternative }))
}

/** What a function writes with `goto('step', { field: value })`. */
export function fieldsWrittenBy(run: unknown): readonly FieldsWritten[] {
  const code = codeOf(run)
  return [...code.matchAll(patched)].map(match => {
    const [whole, , step = '', brace] = match
    const fields = brace === '{' ? keysOf(code.slice(match.index + whole.length)) : null
    return { step: plain(step), fields }
  })
}

/** The flows that a function begins with data of its choice. */
export function flowsGivenBy(run: unknown): readonly string[] {
  const code = codeOf(run)
  return [...code.matchAll(begun)].map(match => plain(match[2] ?? ''))
}

function namesIn(list: string): readonly string[] {
  return list
    .split(',')
    .map(part => /^\s*([A-Za-z_$][\w$]*)/.exec(part)?.[1] ?? '')
    .filter(name => name !== '')
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
