import { type Random, seededRandom } from '../../kernel/random.ts'

/**
 * What may go wrong in a simulation, and what operators, hosts and providers may do beside it, by
 * kind: with its share of the occasions at its worst.
 */
export const FAULT_KINDS = {
  requestLost: 0.08,
  replyLost: 0.08,
  lateCopy: 0.05,
  slowStore: 0.2,
  refused: 0.03,
  outage: 0.5,
  crash: 0.012,
  pause: 0.5,
  restart: 0.5,
  rollback: 0.7,
  clockStep: 0.5,
  handlerThrows: 0.06,
  poison: 0.06,
  callSlow: 0.3,
  callFails: 0.25,
  callLost: 0.2,
  sendFails: 0.15,
  sendLate: 0.08,
  sendLost: 0.06,
  webhookLost: 0.15,
  webhookTwice: 0.2,
  webhookLate: 0.2,
  flood: 0.5,
  passivation: 0.5,
  hold: 0.7,
  moveBack: 0.7,
  erase: 0.7,
  tell: 0.5,
  damage: 0.6,
  byReceipt: 0.6,
  unauthorised: 0.25,
  statuses: 0.5,
  policy: 1,
  resetThrows: 0.4,
  redrive: 0.8,
  deploy: 1,
  sendRefused: 0.15
} as const

export type FaultKind = keyof typeof FAULT_KINDS

/** Rarely more than this many of the large faults in one life. */
const LARGE: readonly FaultKind[] = ['crash', 'rollback']

/**
 * Everything that is drawn, from one seed.
 *
 * Each kind of fault has a stream of its own, so that turning one off leaves the others as they
 * were; about half the kinds are on in one seed, so that rare ones meet alone as well.
 */
export class Weather {
  readonly counts = new Map<FaultKind, number>()
  readonly #seed: number
  readonly #shares = new Map<FaultKind, number>()
  readonly #streams = new Map<string, Random>()
  readonly #told: (kind: FaultKind) => void
  /** The faults are over. */
  isCalm = false

  constructor(
    seed: number,
    {
      without,
      told
    }: {
      readonly without: readonly FaultKind[]
      readonly told: (kind: FaultKind) => void
    }
  ) {
    this.#seed = seed
    this.#told = told
    const swarm = this.stream('swarm')
    for (const [name, worst] of Object.entries(FAULT_KINDS)) {
      const kind = name as FaultKind
      const isOn = swarm.fraction() < 0.5
      const share = swarm.fraction() * worst
      const isRare = LARGE.includes(kind) && swarm.fraction() < 0.3
      if (isOn && !isRare && !without.includes(kind)) this.#shares.set(kind, share)
    }
  }

  /** A source of numbers of its own for this purpose. */
  stream(purpose: string): Random {
    const known = this.#streams.get(purpose)
    if (known !== undefined) return known
    const made = seededRandom(seedOf(`${this.#seed} ${purpose}`))
    this.#streams.set(purpose, made)
    return made
  }

  has(kind: FaultKind): boolean {
    return this.#shares.has(kind)
  }

  /** True when this goes wrong now, which is then counted. */
  strikes(kind: FaultKind): boolean {
    const share = this.#shares.get(kind)
    if (share === undefined || this.isCalm) return false
    if (this.stream(kind).fraction() >= share) return false
    this.strike(kind)
    return true
  }

  strike(kind: FaultKind): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1)
    this.#told(kind)
  }

  /** A whole number from `least` to `most`. */
  between(purpose: string, least: number, most: number): number {
    return least + Math.floor(this.stream(purpose).fraction() * (most - least + 1))
  }

  pick<T>(purpose: string, from: readonly T[]): T {
    return from[this.between(purpose, 0, from.length - 1)]!
  }
}

/** FNV-1a. */
function seedOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}
