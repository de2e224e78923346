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
const read =
  /(?<![\w$])data\s*(?:\?\.|\.)\s*([A-Za-z_$][\w$]*)(\s*(?:\?\?|\?\.|\|\||&&|[!=]==?|\?))?/g
const unpacked = /data\s*:\s*\{([^{}]*)\}|\{([^{}]*)\}\s*=\s*(?:[\w$]+\s*\.\s*)?data\b/g
const guard = /(?:!|typeof\s+)\s*(?:[\w$]+\s*\.\s*)?data\s*\.\s*([A-Za-z_$][\w$]*)/g
// Also as compilers write imported names: `(0, flow_1.goto)('x')`.
const patched = /(?:(?<![\w.$])|\.)goto\)?\s*\(\s*(['"`])([^'"`\\$]+)\1\s*,\s*(\{?)/g
const begun = /(?:(?<![\w.$])|\.)goto\)?\s*\(\s*\{\s*flow:\s*(['"`])([^'"`\\$]+)\1\s*\}\s*,/g

/** The fields of `data` that a function reads, as far as its own text tells. */
export function fieldsReadBy(run: unknown): readonly FieldRead[] {
  const code = Function.prototype.toString.call(run)
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
  const code = Function.prototype.toString.call(run)
  return [...code.matchAll(patched)].map(match => {
    const [whole, , step = '', brace] = match
    const fields = brace === '{' ? keysOf(code.slice(match.index + whole.length)) : null
    return { step, fields }
  })
}

/** The flows that a function begins with data of its choice. */
export function flowsGivenBy(run: unknown): readonly string[] {
  const code = Function.prototype.toString.call(run)
  return [...code.matchAll(begun)].map(match => match[2] ?? '')
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
    if (key !== null) keys.push(key[2] ?? key[3] ?? '')
    else if (entry.trim() !== '') return null
    if (depth < 0) return keys
    entry = ''
  }
  return null
}
