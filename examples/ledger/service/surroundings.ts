/**
 * What the service takes from the world around it, handed in so that a simulation owns it.
 *
 * Chaperone's `Clock`, `Random` and any pino logger fit as they are.
 */
export interface Surroundings {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

/** Wall-clock time in milliseconds since the Unix epoch, and a way to wait on it. */
export interface Clock {
  nowMs(): number
  /** Runs `run` once after `delayMs`; the answer takes it back. */
  after(delayMs: number, run: () => void): () => void
}

export interface Random {
  /** A fraction in [0, 1). */
  fraction(): number
  /** Unpredictable bytes: tokens are made of them. */
  bytes(count: number): Uint8Array
}

/** The part of a pino logger that the service uses. */
export interface Logger {
  debug(fields: object, message?: string): void
  info(fields: object, message?: string): void
  warn(fields: object, message?: string): void
  error(fields: object, message?: string): void
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs)
    return () => clearTimeout(timer)
  }
}

export const systemRandom: Random = {
  fraction: () => crypto.getRandomValues(new Uint32Array(1))[0]! / 4_294_967_296,
  bytes: count => crypto.getRandomValues(new Uint8Array(count))
}

export function pause(clock: Clock, delayMs: number): Promise<void> {
  return new Promise(resolve => {
    clock.after(delayMs, resolve)
  })
}

/** A new name for a thing, such as `off-9c01f2ab77d05e43`. */
export function newId(random: Random, kind: string, byteCount = 8): string {
  return `${kind}-${Buffer.from(random.bytes(byteCount)).toString('hex')}`
}
