import type { Millis } from '../../kernel/clock.ts'
import { ChaperoneError, failure } from '../../kernel/failure.ts'
import { whatWasThrown } from '../../kernel/thrown.ts'
import type { CallDeadlines, Pending } from './call-deadlines.ts'
import type { Operation } from './gated-store.ts'
import type { Outage } from './outage.ts'

/** Hears how calls of the store ended, each once. */
export interface StoreMeter {
  answered(operation: Operation, startedMs: Millis, answer: unknown): void
  threw(operation: Operation, startedMs: Millis, error: ChaperoneError): void
}

/** What is called, when it began, how long it may take, and whether it is a walk over many. */
interface Asked {
  readonly operation: Operation
  readonly startedMs: Millis
  readonly withinMs: Millis
  readonly isWalk: boolean
  /** Null where nobody counts. */
  readonly meter: StoreMeter | null
}

/**
 * One call of the store on its way: it settles once, and does not hear what comes later.
 *
 * A class with methods on its prototype, because every turn makes one: closures cost as much again.
 */
export class StoreCall<T> implements Pending {
  readonly startedMs: Millis
  readonly withinMs: Millis
  before: Pending | null = null
  after: Pending | null = null
  readonly #deadlines: CallDeadlines
  readonly #outage: Outage
  readonly #id: string | null
  readonly #isWalk: boolean
  readonly #operation: Operation
  readonly #meter: StoreMeter | null
  #isSettled = false
  #resolve!: (answer: T) => void
  #reject!: (error: ChaperoneError) => void

  constructor(
    deadlines: CallDeadlines,
    outage: Outage,
    id: string | null,
    { operation, startedMs, withinMs, isWalk, meter }: Asked
  ) {
    this.#deadlines = deadlines
    this.#outage = outage
    this.#id = id
    this.startedMs = startedMs
    this.withinMs = withinMs
    this.#isWalk = isWalk
    this.#operation = operation
    this.#meter = meter
  }

  /** Makes the call; rejects with nothing but a `ChaperoneError`. */
  made(make: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
      this.#deadlines.watch(this)
      try {
        make().then(
          answer => this.#answered(answer),
          (error: unknown) => this.#threw(error)
        )
      } catch (error) {
        this.#threw(error)
      }
    })
  }

  /** It has no answer for a while. */
  waits(nowMs: Millis): void {
    // A walk makes many round trips: its silence says nothing.
    if (!this.#isWalk) this.#outage.waits(this.#id, this.startedMs, nowMs)
  }

  /** Its time is over; it is no longer watched. */
  expired(): void {
    this.#lost(unknown(`The store gave no answer within ${this.withinMs} ms.`))
  }

  #answered(answer: T): void {
    if (this.#isSettled) return
    this.#isSettled = true
    this.#deadlines.answered(this)
    this.#outage.breaker.answered(this.startedMs)
    this.#meter?.answered(this.#operation, this.startedMs, answer)
    this.#resolve(answer)
  }

  #threw(error: unknown): void {
    if (this.#isSettled) return
    this.#deadlines.answered(this)
    const failed = failedAs(error)
    if (failed.failure.tag === 'Unavailable') {
      this.#lost(failed)
      return
    }
    this.#isSettled = true
    this.#outage.breaker.answered(this.startedMs)
    this.#meter?.threw(this.#operation, this.startedMs, failed)
    this.#reject(failed)
  }

  #lost(failed: ChaperoneError): void {
    this.#isSettled = true
    this.#outage.failed(this.#id, this.startedMs, failed)
    this.#meter?.threw(this.#operation, this.startedMs, failed)
    this.#reject(failed)
  }
}

/** Whatever a store threw: what is no failure of the port may have happened. */
function failedAs(error: unknown): ChaperoneError {
  if (error instanceof ChaperoneError) return error
  return unknown(`The store threw: ${whatWasThrown(error)}.`, error)
}

function unknown(detail: string, cause?: unknown): ChaperoneError {
  return new ChaperoneError(failure('CHP_STORE_UNAVAILABLE', detail, cause))
}
