import type * as t from 'io-ts'

/** What io-ts found wrong, one line a problem: where, and what was expected; never the value. */
export function problemsOf(errors: t.Errors): string[] {
  return [
    ...new Set(errors.map(({ context }) => `${pathOf(context)} must be ${expected(context)}`))
  ]
}

/** The place of a problem, such as `accounts.2.handle`. */
export function pathOf(context: t.Context): string {
  const keys = context
    .filter((entry, index) => entry.key !== '' && !isChoice(context[index - 1]))
    .map(entry => entry.key)
  return keys.length === 0 ? 'the whole' : keys.join('.')
}

function expected(context: t.Context): string {
  return context.at(-1)?.type.name ?? 'something else'
}

// The parts of a union or an intersection are numbered, but they are no place of the input.
function isChoice(entry: t.ContextEntry | undefined): boolean {
  if (entry === undefined) return false
  const { _tag: tag, type } = entry.type as { _tag?: string; type?: { _tag?: string } }
  const inner = tag === 'ExactType' ? type?._tag : tag
  return inner === 'UnionType' || inner === 'IntersectionType'
}
