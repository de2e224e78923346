import { calling, codeOf, plain } from './code-of.ts'

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
const toStep = new RegExp(`${calling('goto|refuse|back')}${literal}`, 'g')
const toFlow = new RegExp(
  `${calling('goto')}\\s*\\{\\s*flow:\\s*(['"\`])([^'"\`\\\\$]+)\\1\\s*\\}`,
  'g'
)
const anyMove = new RegExp(calling('goto|refuse|back|end'), 'g')
const anyEnd = new RegExp(calling('end'), 'g')
// A member of something: a move if that is this library, and anything if it is not.
const member = /\.\s*(?:goto|refuse|back|end)\s*\(/
const texts = new RegExp(`${calling('text')}${literal}`, 'g')

/**
 * Reads the text of a function for the steps, flows and texts that it names.
 *
 * A function that names none of its moves, since it calls another one for them or was minified, is
 * opaque: nothing is concluded from what it does not say.
 */
export function sourceOf(run: unknown): Source {
  const code = codeOf(run)
  const steps = matches(code, toStep)
  const flows = matches(code, toFlow)
  const ends = [...code.matchAll(anyEnd)].length
  const moves = [...code.matchAll(anyMove)].length
  return {
    steps,
    flows,
    ends: ends > 0,
    texts: matches(code, texts),
    opaque: moves === 0 || moves > steps.length + flows.length + ends || member.test(code)
  }
}

function matches(code: string, pattern: RegExp): readonly string[] {
  return [...code.matchAll(pattern)].map(match => plain(match[2] ?? ''))
}
