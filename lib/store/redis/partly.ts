import { ChaperoneError } from '../../kernel/failure.ts'
import type { Log } from '../../kernel/log.ts'

/**
 * Goes on with what succeeded: a master that is away, or a slot that moves, holds up nobody else.
 *
 * Fails only when everything failed. What is missing is logged when it begins and when it ends.
 */
export class Partly {
  readonly #log: Log
  #missing: ReadonlySet<string> = new Set()

  constructor(log: Log) {
    this.#log = log
  }

  /** What succeeded of one sweep over everything; rejects with the first failure if nothing did. */
  async all<T>(parts: readonly Promise<T>[]): Promise<readonly T[]> {
    const { values, failures } = await this.#split(parts)
    if (failures.length === 0 && this.#missing.size > 0) {
      this.#missing = new Set()
      this.#log.info({ event: 'store.whole' }, 'every partition of the store answers again')
    }
    return values
  }

  /** What succeeded of an errand to some partitions; rejects like `all`. */
  async some<T>(parts: readonly Promise<T>[]): Promise<readonly T[]> {
    return (await this.#split(parts)).values
  }

  async #split<T>(parts: readonly Promise<T>[]) {
    const settled = await Promise.allSettled(parts)
    const values = settled.flatMap(part => (part.status === 'fulfilled' ? [part.value] : []))
    const failures = settled.flatMap(part => (part.status === 'rejected' ? [known(part)] : []))
    const [first] = failures
    if (first !== undefined && values.length === 0) throw first
    this.#note(failures)
    return { values, failures }
  }

  #note(failures: readonly ChaperoneError[]): void {
    if (failures.length === 0) return
    const details = new Set(failures.map(({ failure }) => failure.detail))
    for (const { failure } of failures) {
      if (this.#missing.has(failure.detail) || !details.delete(failure.detail)) continue
      const { code, detail: why } = failure
      const partitions = failures.filter(other => other.failure.detail === why).length
      this.#log.warn({ event: 'store.partly', code, why, partitions }, 'the others go on')
    }
    this.#missing = new Set(failures.map(({ failure }) => failure.detail))
  }
}

function known({ reason }: PromiseRejectedResult): ChaperoneError {
  if (reason instanceof ChaperoneError) return reason
  throw reason
}
