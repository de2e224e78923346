/** Where a function may go and what it may say, as far as its own text tells. */
export interface Source {
  readonly steps: readonly string[]
  readonly flows: readonly string[]
  readonly ends: boolean
  readonly texts: readonly string[]
  /** True when it may go to places that its text does not name. */
  readonly opaque: boolean
}

const literal = `\\s*(['"\`])([^'"\`\\\\$]+)\\1\\s*[,)]`
// Also as compilers write imported names: \`(0, flow_1.goto)('x')\`.
const named = (names: string): string => `(?:(?<![\\w.$])|\\.)(?:${names})\\)?\\s*\\(`
const toStep = new RegExp(`${named('goto|refuse|back')}${literal}`, 'g')
const toFlow = new RegExp(
  `${named('goto')}\\s*\\{\\s*flow:\\s*(['"\`])([^'"\`\\\\$]+)\\1\\s*\\}`,
  'g'
)
const anyMove = new RegExp(named('goto|refuse|back|end'), 'g')
const anyEnd = new RegExp(named('end'), 'g')
const texts = new RegExp(`(?:(?<![\\w.$])text|\\.text\\))\\s*\\(${literal}`, 'g')

/**
 * Reads the text of a function for the steps, flows and texts that it names.
 *
 * A function that names none of its moves, since it calls another one for them or was minified, is
 * opaque: nothing is concluded from what it does not say.
 */
export function sourceOf(run: unknown): Source {
  const code = Function.prototype.toString.call(run)
  const steps = matches(code, toStep)
  const flows = matches(code, toFlow)
  const ends = [...code.matchAll(anyEnd)].length
  const moves = [...code.matchAll(anyMove)].length
  return {
    steps,
    flows,
    ends: ends > 0,
    texts: matches(code, texts),
    opaque: moves === 0 || moves > steps.length + flows.length + ends
  }
}

function matches(code: string, pattern: RegExp): readonly string[] {
  return [...code.matchAll(pattern)].map(match => match[2] ?? '')
}
