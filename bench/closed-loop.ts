import type { Contestant, Load } from './contestant.ts'

/**
 * Takes the turns `from` up to `to` of every conversation, `inFlight` at a time, each sender going
 * round its own conversations; what a message took, in microseconds, is left in `tookUs`.
 */
export async function closedLoop<T>(
  { inFlight, conversations }: Load,
  { take, check }: Pick<Contestant<T>, 'take' | 'check'>,
  [from, to]: readonly [from: number, to: number],
  tookUs: Float64Array
): Promise<void> {
  let taken = 0
  const sender = async (first: number): Promise<void> => {
    for (let turn = from; turn < to; turn += 1) {
      for (let at = first; at < conversations; at += inFlight) {
        const sentMs = performance.now()
        const answer = await take(at, turn)
        tookUs[taken++] = (performance.now() - sentMs) * 1000
        check(answer, at, turn)
      }
    }
  }
  await Promise.all(Array.from({ length: inFlight }, (_, first) => sender(first)))
}

/** The middle of some numbers, NaN of none. */
export function median(values: readonly number[]): number {
  return quantile(Float64Array.from(values).sort(), 0.5)
}

/** What this share of sorted numbers does not exceed, NaN of none. */
export function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
