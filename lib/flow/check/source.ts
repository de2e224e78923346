import { bindingsOf } from './bindings.ts'
import { calling, plain } from './code-of.ts'
import { givesMoves, MOVES } from './results.ts'
import { partsOf, type Tokens, tokensOf } from './tokens.ts'

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
const texts = new RegExp(`${calling('text')}${literal}`, 'g')

const nowhere: Source = { steps: [], flows: [], ends: false, texts: [], opaque: true }

const known = new WeakMap<object, Source>()

/**
 * Reads the text of a function for the steps, flows and texts that it names.
 *
 * A function that gives anything but moves that it names is opaque, for another one may give them,
 * or it was minified: nothing is concluded from what it does not say.
 */
export function sourceOf(run: unknown): Source {
  if (typeof run !== 'function') return nowhere
  const source = known.get(run) ?? readSource(tokensOf(run))
  known.set(run, source)
  return source
}

function readSource(tokens: Tokens): Source {
  const parts = partsOf(tokens)
  if (parts === null) return nowhere
  const code = tokens.code.slice(tokens.starts[parts.body[0]], tokens.starts[parts.body[1]])
  const isOurs = (name: string): boolean => bindingsOf(tokens, name).length === 0
  const named = isOurs('text') ? matches(code, texts) : []
  // A name of ours that the function gives to something of its own.
  if (!MOVES.every(isOurs)) return { ...nowhere, texts: named }
  const steps = matches(code, toStep)
  const flows = matches(code, toFlow)
  const ends = [...code.matchAll(anyEnd)].length
  const moves = [...code.matchAll(anyMove)].length
  return {
    steps,
    flows,
    ends: ends > 0,
    texts: named,
    opaque: moves > steps.length + flows.length + ends || !givesMoves(tokens)
  }
}

function matches(code: string, pattern: RegExp): readonly string[] {
  return [...code.matchAll(pattern)].map(match => plain(match[2] ?? ''))
}
