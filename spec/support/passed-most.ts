/** How many that were due later came before one, at most. */
export function passedMost(fired: readonly { readonly dueMs: number }[]): number {
  const dueOf = (rank: number): number => fired[rank]?.dueMs ?? 0
  const inOrder = fired.map((_, rank) => rank).toSorted((a, b) => dueOf(a) - dueOf(b) || a - b)
  return inOrder.reduce((most, rank, place) => Math.max(most, rank - place), 0)
}
