import { ChaperoneError, failure } from '../../kernel/failure.ts'
import type { CommitOutcome } from '../conversation-store.ts'
import { Barriers } from './barrier.ts'
import type { Deployment } from './deployment.ts'
import type { Link } from './link.ts'
import type { RunScript } from './scripts/script.ts'

/** How often a call is sent when the server behind its answer becomes known only by it. */
const SENDS = 3

/** Calls of a store whose answers count only when replicas have what was written. */
export class Durable {
  readonly #deployment: Deployment
  readonly #barriers: Barriers

  constructor(
    deployment: Deployment,
    options: { readonly replicas: number; readonly waitMs: number }
  ) {
    this.#deployment = deployment
    this.#barriers = new Barriers(options, () => deployment.masters().map(({ link }) => link))
  }

  open(withinMs: number): Promise<void> {
    return this.#barriers.prepare(withinMs)
  }

  close(): void {
    this.#barriers.close()
  }

  /**
   * Makes a call, then waits for the replicas when its outcome says that something is stored.
   *
   * The call must be one that is safe to repeat: the second time it answers the same and writes
   * nothing. Fails with CHP_STORE_NOT_DURABLE.
   */
  async done<T>(
    call: (run: RunScript) => Promise<T>,
    isStored: (outcome: T) => boolean
  ): Promise<T> {
    let answeredBy: Link | null = null
    const run: RunScript = (script, args, read) =>
      this.#deployment.run(script, args, (reply: never, link) => {
        answeredBy = link
        return read(reply, link)
      })
    for (let sends = 1; sends <= SENDS; sends += 1) {
      const outcome = await call(run)
      if (answeredBy === null || !isStored(outcome)) return outcome
      if ((await this.#barriers.passed(answeredBy)) !== null) return outcome
    }
    const detail = 'Replicas: the server changes with every call.'
    throw new ChaperoneError(failure('CHP_STORE_NOT_DURABLE', detail))
  }
}

/**
 * True of an answer that a sender is acknowledged for. A duplicate is one: what it repeats may be
 * on its way to the replicas yet.
 */
export function isAnswered({ tag }: CommitOutcome): boolean {
  return tag === 'committed' || tag === 'duplicate'
}
