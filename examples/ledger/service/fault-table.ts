import type { Fault } from './control-protocol.ts'
import type { EndpointName } from './protocol.ts'
import type { Random } from './surroundings.ts'

/** Faults armed at a time; more are refused. */
export const FAULTS_ARMED_MAX = 1_000

type DelayFault = Extract<Fault, { kind: 'delay' | 'delayDistribution' }>
export type FailureFault = Exclude<Fault, DelayFault>

/** What awaits one request: a wait on each side of its commit, and at most one failure. */
export interface Disturbance {
  readonly delayBeforeMs: number
  readonly delayAfterMs: number
  readonly failure: FailureFault | null
}

/** Which faults wait for which requests; each is used up by the number of requests it names. */
export class FaultTable {
  readonly #random: Random
  readonly #armed: { readonly fault: Fault; left: number }[] = []

  constructor(random: Random) {
    this.#random = random
  }

  arm(fault: Fault): void {
    const times = fault.times ?? 1
    this.#armed.push({ fault, left: times === 'always' ? Number.POSITIVE_INFINITY : times })
  }

  clear(): void {
    this.#armed.length = 0
  }

  get armedCount(): number {
    return this.#armed.length
  }

  /** Takes what was armed first for this request: one failure, and one delay of each side. */
  take(endpoint: EndpointName, phone: string | null): Disturbance {
    const fits = (fault: Fault) =>
      fault.endpoint === endpoint && (fault.phone === undefined || fault.phone === phone)
    const before = this.#takeFirst(
      (fault): fault is DelayFault => isDelay(fault) && fault.when !== 'after' && fits(fault)
    )
    const after = this.#takeFirst(
      (fault): fault is DelayFault => isDelay(fault) && fault.when === 'after' && fits(fault)
    )
    const failure = this.#takeFirst(
      (fault): fault is FailureFault => !isDelay(fault) && fits(fault)
    )
    return {
      delayBeforeMs: before === null ? 0 : this.#delayMs(before),
      delayAfterMs: after === null ? 0 : this.#delayMs(after),
      failure
    }
  }

  #takeFirst<F extends Fault>(wanted: (fault: Fault) => fault is F): F | null {
    const index = this.#armed.findIndex(({ fault }) => wanted(fault))
    const armed = this.#armed[index]
    if (armed === undefined) return null
    armed.left -= 1
    if (armed.left <= 0) this.#armed.splice(index, 1)
    return armed.fault as F
  }

  #delayMs(fault: DelayFault): number {
    if (fault.kind === 'delay') return fault.ms
    const { medianMs = 150, p95Ms = 900, p99Ms = 4_000 } = fault
    return drawDelayMs(this.#random.fraction(), [
      [0, medianMs / 3],
      [0.5, medianMs],
      [0.95, p95Ms],
      [0.99, p99Ms],
      [1, 2 * p99Ms]
    ])
  }
}

/** A delay from its quantiles, joined by straight lines. */
function drawDelayMs(
  fraction: number,
  quantiles: readonly (readonly [share: number, delayMs: number])[]
): number {
  const upper = quantiles.findIndex(([share]) => share >= fraction)
  const [toShare, toMs] = quantiles[upper] ?? [1, 0]
  const [fromShare, fromMs] = quantiles[upper - 1] ?? [0, toMs]
  const way = toShare === fromShare ? 1 : (fraction - fromShare) / (toShare - fromShare)
  return Math.round(fromMs + way * (toMs - fromMs))
}

function isDelay(fault: Fault): fault is DelayFault {
  return fault.kind === 'delay' || fault.kind === 'delayDistribution'
}
