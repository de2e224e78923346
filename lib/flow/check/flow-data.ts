import { bindingsOf, isBare } from './bindings.ts'
import { plain } from './code-of.ts'
import { partsOf, type Span, split, type Tokens } from './tokens.ts'

/** What a function is handed that leads to the flow's data, and as which parameter. */
export interface Handed {
  readonly as: 'view' | 'hands'
  readonly at: number
}

/** A field of the flow's data that the text of a function reads. */
export interface FieldRead {
  readonly field: string
  /** True unless the text shows that the function needs the field. */
  readonly alternative: boolean
}

type Kind = 'hands' | 'view' | 'data'
interface Named {
  readonly kind: Kind
  readonly at: number
}
interface Found {
  readonly names: Map<string, Named>
  readonly reads: FieldRead[]
}

const INSIDE: Readonly<Record<string, Kind | undefined>> = {
  'hands.view': 'view',
  'view.data': 'data'
}

/** The fields of the flow's data that a function reads, as far as its own text tells. */
export function readsOf(tokens: Tokens, { as, at }: Handed): readonly FieldRead[] {
  const parts = partsOf(tokens)
  const param = parts?.params[at]
  if (parts === null || param === undefined) return []
  const found: Found = { names: new Map(), reads: [] }
  name(tokens, param, as, found)
  for (let each = parts.body[0]; each < parts.body[1]; each += 1)
    if (/^(?:const|let|var)$/.test(tokens.words[each] ?? '')) declare(tokens, each + 1, found)
  for (const [word, named] of found.names)
    if (bindingsOf(tokens, word).every(place => place === named.at))
      found.reads.push(...readsBy(tokens, word, named))
  return found.reads
}

/** Notes what a parameter, or what is declared, calls the flow's data and what leads to it. */
function name(tokens: Tokens, span: Span, kind: Kind, found: Found): void {
  const { words, pairs } = tokens
  const [from, to] = split(tokens, span, '=')[0] ?? span
  if (words[from] !== '{') {
    if (to - from === 1) found.names.set(words[from] ?? '', { kind, at: from })
    return
  }
  for (const [start, end] of split(tokens, [from + 1, pairs.get(from) ?? to], ',')) {
    const key = keyOf(words[start])
    const inner = INSIDE[`${kind}.${key}`]
    if (words[start] === '...') continue
    if (kind === 'data') found.reads.push({ field: key, alternative: true })
    const at = words[start + 1] === ':' ? start + 2 : start
    if (inner !== undefined) name(tokens, [at, end], inner, found)
  }
}

function declare(tokens: Tokens, at: number, found: Found): void {
  const { words, pairs } = tokens
  const closer = words[at] === '{' ? pairs.get(at) : at
  if (closer === undefined || words[closer + 1] !== '=') return
  const [kind, next] = chain(tokens, closer + 2, found)
  const goesOn = /^(?:[.[(]|\?\.?|&&|[+\-*/%])$/.test(words[next] ?? '')
  if (kind !== undefined && !goesOn) name(tokens, [at, closer + 1], kind, found)
  if (words[next] === ',') declare(tokens, next + 1, found)
}

/** What `view.data` and its like come to from here on, and where they end. */
function chain({ words }: Tokens, at: number, { names }: Found): [Kind | undefined, number] {
  let kind = names.get(words[at] ?? '')?.kind
  let next = at + 1
  while (kind !== undefined && /^\??\.$/.test(words[next] ?? '') && kind !== 'data') {
    kind = INSIDE[`${kind}.${words[next + 1]}`]
    next += 2
  }
  return [kind, next]
}

function readsBy(tokens: Tokens, word: string, { kind, at }: Named): readonly FieldRead[] {
  const { words } = tokens
  const found: Found = { names: new Map([[word, { kind, at }]]), reads: [] }
  const seen = words.flatMap((each, place) => {
    if (each !== word || place === at || !isBare(tokens, place)) return []
    const [inner, next] = chain(tokens, place, found)
    return inner === undefined ? [] : [{ place, next, inner }]
  })
  const isPart = ({ next }: { readonly next: number }): boolean => /^\??\.$/.test(words[next] ?? '')
  // Something else is given the data as a whole, perhaps to look whether the field is there.
  const isAsked = seen.some(each => !isPart(each) && words[each.place - 1] !== '=')
  return seen
    .filter(each => each.inner === 'data' && isPart(each))
    .map(({ place, next }) => ({
      field: words[next + 1] ?? '',
      alternative: isAsked || words[next] === '?.' || !isNeeded(tokens, place, next + 1)
    }))
}

/** True when what is read there must be something: a part of it, a sum, a sentence, the result. */
function isNeeded(tokens: Tokens, first: number, at: number): boolean {
  const { words } = tokens
  const next = words[at + 1] ?? ''
  if (/^[.[(]$/.test(next)) return true
  const before = words[first - 1] ?? ''
  // They take what is missing, and what is made of them is there.
  if (/^(?:!|typeof|void)$/.test(before)) return false
  if (/^(?:[+\-*/%<>]=?|\*\*)$/.test(next)) return true
  if (/^(?:\?\??\.?|\|\||&&|[=!]==?)$/.test(next) || /^[=!]==?$/.test(before)) return false
  if (/^(?:[+\-*/%<>]=?|return|=>)$/.test(before) || before.endsWith('${')) return true
  return isSaid(tokens, at)
}

/** True within what a text is given, and nothing else in between. */
function isSaid({ words, pairs }: Tokens, at: number): boolean {
  const around = [...pairs].flatMap(([from, to]) =>
    from < at && at < to && words[from] === '(' ? from : []
  )
  const opener = Math.max(...around)
  return words[opener - 1] === 'text' || (words[opener - 1] === ')' && words[opener - 2] === 'text')
}

function keyOf(word = ''): string {
  return /^['"]/.test(word) ? plain(word.slice(1, -1)) : word
}
