import type { CallDefinition } from '../conversation/program.ts'
import type { Clock, Millis } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { Ended } from './attempt.ts'

/** Failed attempts in a row that open the breaker of a call name, and for how long (ms). */
export const CALL_BREAKER = { failures: 10, openMs: 10_000 } as const

/**
 * Says whether a call of one name may be made now.
 *
 * Closed it lets every attempt through; open none. When its time is over one attempt goes through
 * on trial, and only that one decides: answered, it closes; failed, it is open for as long again.
 */
export class CallBreaker {
  readonly #limits: { readonly failures: number; readonly openMs: number }
  #failures = 0
  #openUntilMs: Millis | null = null
  #trial: symbol | null = null

  constructor(limits: { readonly failures: number; readonly openMs: number } = CALL_BREAKER) {
    this.#limits = limits
  }

  get isOpen(): boolean {
    return this.#openUntilMs !== null
  }

  /** A pass for one attempt, to be handed back with its end; null while none may be made. */
  begin(nowMs: Millis): symbol | null {
    const pass = Symbol('attempt')
    if (this.#openUntilMs === null) return pass
    if (nowMs < this.#openUntilMs || this.#trial !== null) return null
    this.#trial = pass
    return pass
  }

  /** The service answered, be it with a refusal; true when that closes the breaker. */
  answered(pass: symbol): boolean {
    if (this.isOpen && pass !== this.#trial) return false
    const closes = this.isOpen
    this.#failures = 0
    this.#openUntilMs = null
    this.#trial = null
    return closes
  }

  /** No answer, or none that is one; true when that opens the breaker. */
  failed(pass: symbol, nowMs: Millis): boolean {
    // What was under way when it opened says nothing new.
    if (this.isOpen && pass !== this.#trial) return false
    const opens = !this.isOpen
    this.#failures += 1
    if (opens && this.#failures < this.#limits.failures) return false
    this.#openUntilMs = nowMs + this.#limits.openMs
    this.#trial = null
    return opens
  }
}

/** The breakers of a process, one a call name. */
export class CallBreakers {
  readonly #parts: { readonly clock: Clock; readonly log: Log }
  readonly #byName = new Map<string, CallBreaker>()

  constructor(parts: { readonly clock: Clock; readonly log: Log }) {
    this.#parts = parts
  }

  /** Makes an attempt if the breaker lets it; else it has failed without being made. */
  async guarded(
    { name, breaker: limits }: Pick<CallDefinition, 'name' | 'breaker'>,
    make: () => Promise<Ended>
  ): Promise<Ended> {
    const { clock } = this.#parts
    const breaker = this.#byName.get(name) ?? new CallBreaker(limits)
    this.#byName.set(name, breaker)
    const pass = breaker.begin(clock.monotonicMs())
    if (pass === null) return { tag: 'unavailable', detail: 'breaker open' }
    let ended: Ended | null = null
    try {
      ended = await make()
    } finally {
      this.#note(name, breaker, pass, ended)
    }
    return ended
  }

  #note(call: string, breaker: CallBreaker, pass: symbol, ended: Ended | null): void {
    const { clock, log } = this.#parts
    if (isAnswer(ended)) {
      if (!breaker.answered(pass)) return
      log.info({ event: 'call.breaker', call, state: 'closed' }, 'the service answers again')
    } else if (breaker.failed(pass, clock.monotonicMs())) {
      log.warn({ event: 'call.breaker', call, state: 'open' }, 'calls fail without being made')
    }
  }
}

// A refused token is an answer, too: the service is there.
function isAnswer(ended: Ended | null): boolean {
  return ended !== null && ANSWERS.includes(ended.tag)
}

const ANSWERS: readonly Ended['tag'][] = ['answered', 'unauthorised', 'notDone']
