import type { EndpointFault, Fault, ThrowFault } from './form-given.ts'

/** What goes wrong in a case, each fault until it met its number of requests or runs. */
export class Faults {
  readonly #left: { readonly fault: Fault; times: number }[]

  constructor(faults: readonly Fault[]) {
    this.#left = faults.map(fault => ({ fault, times: fault.times ?? 1 }))
  }

  /** Takes the fault that awaits this request, if any. */
  forRequest(entryId: string, endpoint: string): EndpointFault | null {
    const fits = (fault: Fault): fault is EndpointFault =>
      fault.kind !== 'throw' && fault.during === entryId && fault.endpoint === endpoint
    return this.#take(fits)
  }

  /** Takes the fault that awaits this run of a step, if any. */
  forStep(entryId: string, step: string): ThrowFault | null {
    const fits = (fault: Fault): fault is ThrowFault =>
      fault.kind === 'throw' && fault.during === entryId && fault.component === step
    return this.#take(fits)
  }

  #take<F extends Fault>(fits: (fault: Fault) => fault is F): F | null {
    const found = this.#left.find(({ fault, times }) => times > 0 && fits(fault))
    if (found === undefined) return null
    found.times -= 1
    return found.fault as F
  }
}

/** Thrown by a step that a case makes fail. */
export class PlannedThrow extends Error {
  constructor(step: string) {
    super(`the case makes ${step} fail`)
    this.name = 'PlannedThrow'
  }
}
