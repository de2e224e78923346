/** Randomness, handed in everywhere, so that a seed replays a run. */
export interface Random {
  /** A fraction in [0, 1). */
  fraction(): number
  bytes(count: number): Uint8Array
}

/** Randomness of the machine, fit for secrets. */
export const systemRandom: Random = {
  fraction: () => crypto.getRandomValues(new Uint32Array(1))[0]! / 4_294_967_296,
  bytes: count => crypto.getRandomValues(new Uint8Array(count))
}

/** Randomness from a seed (mulberry32): the same seed gives the same run; never for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed | 0
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  return {
    fraction,
    bytes: count => Uint8Array.from({ length: count }, () => Math.floor(fraction() * 256))
  }
}

/** Full jitter: a random share of `base * factor^attempt`, capped (AWS architecture blog, 2015). */
export function fullJitterMs(
  random: Random,
  { initialMs, maxMs, factor }: Backoff,
  attempt: number
): number {
  return Math.floor(random.fraction() * Math.min(maxMs, initialMs * factor ** attempt))
}

/** How long to wait before the n-th repeat: grows by `factor` from `initialMs` up to `maxMs`. */
export interface Backoff {
  readonly initialMs: number
  readonly maxMs: number
  readonly factor: number
}
