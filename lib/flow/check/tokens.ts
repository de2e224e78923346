import { codeOf } from './code-of.ts'

/** Code in words, signs and strings, and for each bracket where its other half stands. */
export interface Tokens {
  readonly code: string
  readonly words: readonly string[]
  readonly pairs: ReadonlyMap<number, number>
  /** Where each word begins in the text. */
  readonly starts: readonly number[]
}

// What strings say is hidden by `codeOf`, so a quote inside is none and `}` goes on with a template
// only before such letters.
const said = '[\\\\\\u0080-\\uffff]*'
const text = `'[^']*'|"[^"]*"|[\`}]${said}(?:\`|\\$\\{)`
const sign =
  '=>|\\.\\.\\.|\\?\\.|\\?\\?=?|[=!]==?|&&=?|\\|\\|=?|\\*\\*|\\+\\+|--|[<>+\\-*/%]=|[^\\s]'
const token = new RegExp(`${text}|/[\\\\\\u0080-\\uffff]+/|[\\w$\\u0080-\\uffff]+|${sign}`, 'g')

const known = new WeakMap<object, Tokens>()

/** The text of a function in tokens; what is no function has none. */
export function tokensOf(run: unknown): Tokens {
  if (typeof run !== 'function') return tokensIn('')
  const tokens = known.get(run) ?? tokensIn(codeOf(run))
  known.set(run, tokens)
  return tokens
}

function tokensIn(code: string): Tokens {
  const found = [...code.matchAll(token)]
  const pairs = new Map<number, number>()
  const open: number[] = []
  const words = found.map(([word], at) => {
    const opener = /^[)\]}]/.test(word) ? open.pop() : undefined
    if (opener !== undefined) pairs.set(opener, at).set(at, opener)
    if (/^[([]$|\{$/.test(word)) open.push(at)
    return word
  })
  return { code, words, pairs, starts: found.map(({ index }) => index) }
}

/** A run of tokens: from the first one on, up to the second one and without it. */
export type Span = readonly [from: number, to: number]

/** The parts of a span between the outermost of these signs. */
export function split({ words, pairs }: Tokens, [from, to]: Span, by: string): readonly Span[] {
  const parts: Span[] = []
  let start = from
  for (let at = from; at < to; at += 1) {
    if (words[at] === by) {
      parts.push([start, at])
      start = at + 1
    }
    at = Math.max(at, Math.min(pairs.get(at) ?? at, to))
  }
  return start < to ? [...parts, [start, to]] : parts
}

/** A function: what it is handed, and what it does. */
export interface Parts {
  readonly params: readonly Span[]
  readonly body: Span
  /** True for the arrow that is nothing but its result. */
  readonly isResult: boolean
}

/** Takes a function apart; null for what is no function as it is usually written. */
export function partsOf(tokens: Tokens): Parts | null {
  const { words, pairs } = tokens
  const first = words[0] === 'async' && words[1] !== '=>' && words[1] !== '(' ? 1 : 0
  if (words[first + 1] === '=>') return bodyOf(tokens, [[first, first + 1]], first + 2)
  const opener = words.indexOf('(')
  const closer = pairs.get(opener)
  if (closer === undefined || words.slice(0, opener).some(word => !/^['"\w$*]/.test(word)))
    return null
  const params = split(tokens, [opener + 1, closer], ',')
  return bodyOf(tokens, params, words[closer + 1] === '=>' ? closer + 2 : closer + 1)
}

function bodyOf({ words, pairs }: Tokens, params: readonly Span[], at: number): Parts | null {
  if (words[at] !== '{')
    return at < words.length ? { params, body: [at, words.length], isResult: true } : null
  const end = pairs.get(at)
  return end === undefined ? null : { params, body: [at + 1, end], isResult: false }
}
