import type { LoggedRequest } from './control-protocol.ts'
import type { EndpointName } from './protocol.ts'

/** Requests that the log shows; older ones are only counted. */
const LOGGED_REQUESTS_MAX = 1_000

/** Which requests arrived, in order, and how each was answered; the counts forget nothing. */
export class RequestLog {
  readonly #clock: { nowMs(): number }
  readonly #newest: LoggedRequest[] = []
  readonly #calls = new Map<EndpointName, number>()
  #sequence = 0

  constructor(clock: { nowMs(): number }) {
    this.#clock = clock
  }

  /** Notes an arrival; the answer says later how the request ended. */
  begin(endpoint: EndpointName, key: string | null): (status: LoggedRequest['status']) => void {
    this.#sequence += 1
    const at = new Date(this.#clock.nowMs()).toISOString()
    const entry: LoggedRequest = { sequence: this.#sequence, endpoint, key, status: null, at }
    this.#calls.set(endpoint, (this.#calls.get(endpoint) ?? 0) + 1)
    this.#newest.push(entry)
    if (this.#newest.length > LOGGED_REQUESTS_MAX) this.#newest.shift()
    return status => {
      entry.status = status
    }
  }

  get requests(): readonly LoggedRequest[] {
    return this.#newest.map(entry => ({ ...entry }))
  }

  get calls(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#calls)
  }

  clear(): void {
    this.#newest.length = 0
    this.#calls.clear()
  }
}
