import { partsOf, type Span, split, type Tokens } from './tokens.ts'

/** The names of the moves of this library. */
export const MOVES: readonly string[] = ['goto', 'refuse', 'back', 'end']
const HEADS = ['if', 'while', 'for', 'switch', 'catch', 'with']
const STATEMENTS =
  /^(?:return|if|else|const|let|var|switch|case|default|for|while|throw|try|do|function|break|;)$/

/** True when all that a function may give is a move of this library, written where it is given. */
export function givesMoves(tokens: Tokens): boolean {
  const parts = partsOf(tokens)
  if (parts === null) return false
  if (parts.isResult) return isMove(tokens, parts.body)
  const results = resultsIn(tokens, parts.body)
  return results.length > 0 && results.every(result => isMove(tokens, result))
}

/** What stands behind each `return` of a function, and of none inside it. */
function resultsIn(tokens: Tokens, [from, to]: Span): readonly Span[] {
  const { words, pairs } = tokens
  const results: Span[] = []
  for (let at = from; at < to; at += 1) {
    if (words[at] === '{' && isFunction(tokens, at)) at = pairs.get(at) ?? to
    else if (words[at] === 'return' && words[at - 1] !== '.') {
      results.push([at + 1, endOf(tokens, [at + 1, to])])
      at = endOf(tokens, [at + 1, to]) - 1
    }
  }
  return results
}

function isFunction({ words, pairs }: Tokens, at: number): boolean {
  if (words[at - 1] === '=>') return true
  const opener = words[at - 1] === ')' ? pairs.get(at - 1) : undefined
  return opener !== undefined && !HEADS.includes(words[opener - 1] ?? '')
}

function endOf({ words, pairs }: Tokens, [from, to]: Span): number {
  for (let at = from; at < to; at = (pairs.get(at) ?? at) + 1) {
    const closes = (pairs.get(at) ?? at) < at
    if (closes || STATEMENTS.test(words[at] ?? '')) return at
  }
  return to
}

function isMove(tokens: Tokens, span: Span): boolean {
  const { words, pairs } = tokens
  const [from, to] = split(tokens, span, ',').at(-1) ?? span
  const asked = split(tokens, [from, to], '?')
  const [, given] = asked
  if (asked.length > 1 && given !== undefined) return isEither(tokens, [given[0], to])
  for (const or of ['??', '||'] as const) {
    const either = split(tokens, [from, to], or)
    if (either.length > 1) return either.every(part => isMove(tokens, part))
  }
  const closes = pairs.get(from)
  if (words[from] === '(' && closes === to - 1) return isMove(tokens, [from + 1, to - 1])
  if (words[from] === '[' && closes === to - 1) {
    const last = split(tokens, [from + 1, to - 1], ',').at(-1)
    return last !== undefined && isMove(tokens, last)
  }
  const called = callAt(tokens, from)
  if (called === null) return false
  // Without a semicolon the next statement follows.
  return called === to || /^[\w$]/.test(words[called] ?? '')
}

/** Both ways behind a question mark. */
function isEither(tokens: Tokens, [from, to]: Span): boolean {
  const { words, pairs } = tokens
  let open = 1
  for (let at = from; at < to; at = Math.max(at, pairs.get(at) ?? at) + 1) {
    if (words[at] === '?') open += 1
    if (words[at] === ':') open -= 1
    if (open === 0) return isMove(tokens, [from, at]) && isMove(tokens, [at + 1, to])
  }
  return false
}

/** Where a call of a move ends that begins here, `(0, flow_1.goto)('x')` too; null for none. */
function callAt({ words, pairs }: Tokens, at: number): number | null {
  const name = words[at] === '(' && words[at + 1] === '0' ? (pairs.get(at) ?? at) - 1 : at
  const opener = name === at ? at + 1 : name + 2
  if (!MOVES.includes(words[name] ?? '') || words[opener] !== '(') return null
  const closer = pairs.get(opener)
  return closer === undefined ? null : closer + 1
}
