import { partsOf, type Span, type Tokens } from './tokens.ts'

const HEADS = ['if', 'while', 'switch', 'with']
const DECLARES = ['const', 'let', 'var', 'function', 'class']

/**
 * Where code gives a name a meaning: parameters, declarations, assignments. Rather one place too
 * many than one too few: nothing is concluded from a name that may mean two things.
 */
export function bindingsOf(tokens: Tokens, name: string): readonly number[] {
  const { words } = tokens
  const groups = patternsIn(tokens)
  return words.flatMap((word, at) => {
    if (word !== name || !isBare(tokens, at)) return []
    const next = words[at + 1] ?? ''
    const isBound =
      next === '=' ||
      next === '=>' ||
      DECLARES.includes(words[at - 1] ?? '') ||
      groups.some(([from, to]) => from < at && at < to)
    return isBound ? [at] : []
  })
}

/** True for a name that stands by itself: no member of something, no key of a literal. */
export function isBare({ words }: Tokens, at: number): boolean {
  const before = words[at - 1] ?? ''
  if (before === '.' || before === '?.') return false
  return words[at + 1] !== ':' || (before !== '{' && before !== ',')
}

/** Brackets that hold parameters, or what is taken apart. */
function patternsIn(tokens: Tokens): readonly Span[] {
  const { words, pairs } = tokens
  const own = partsOf(tokens)?.params ?? []
  return [
    ...own.map(([from, to]): Span => [from - 1, to]),
    ...[...pairs].filter(([from, to]) => {
      if (from > to) return false
      const before = words[from - 1] ?? ''
      const after = words[to + 1] ?? ''
      if (words[from] === '(') return after === '=>' || (after === '{' && !HEADS.includes(before))
      return after === '=' || DECLARES.includes(before)
    })
  ]
}
