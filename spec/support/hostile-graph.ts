import type { Clock } from '../../lib/kernel/clock.ts'
import type { Random } from '../../lib/kernel/random.ts'

/** What the Graph API took, in the order of arrival. */
export interface Taken {
  readonly to: string
  readonly atMs: number
  readonly text: string
  readonly isTemplate: boolean
  /** Its answer was lost: whoever sent it does not know its id. */
  readonly isLost: boolean
  /** It never arrives. */
  readonly fails: boolean
}

interface Sendable {
  readonly to: string
  readonly type: string
  readonly text?: { readonly body: string }
  readonly interactive?: { readonly body: { readonly text: string } }
  readonly template?: { readonly name: string }
}

/** A status as the provider words it. */
export interface HostileStatus {
  readonly id: string
  readonly status: 'sent' | 'delivered' | 'read' | 'failed'
  readonly recipient_id: string
}

interface HostileOptions {
  readonly clock: Clock
  readonly random: Random
  /** When a member wrote last. */
  readonly heardAtMs: ReadonlyMap<string, number>
  readonly pair: { readonly everyMs: number; readonly burst: number }
  /** Members whose posts are refused, lost and fail. */
  readonly isTroubled: (to: string) => boolean
  readonly status: (status: HostileStatus) => void
}

const DAY_MS = 86_400_000
const STATUS_WITHIN_MS = 60_000

/**
 * Plays a Graph API at its worst: limits calls, loses answers, answers pages and lies, and tells
 * what became of a message late, often and out of order. What no bot may do is counted.
 */
export class HostileGraph {
  readonly taken: Taken[] = []
  /** Refused for cause: over the limit of a pair, or no template after a day. */
  overPair = 0
  afterDay = 0
  troubles = 0
  statuses = 0
  readonly #options: HostileOptions

  constructor(options: HostileOptions) {
    this.#options = options
  }

  readonly fetch: typeof fetch = async (_url, init) => {
    const { random, isTroubled } = this.#options
    const message = JSON.parse(init?.body as string) as Sendable
    const refusal = this.#refused(message)
    if (refusal !== null) return refusal
    const draw = isTroubled(message.to) ? random.fraction() : 1
    if (draw < 0.2) this.troubles += 1
    if (draw < 0.08) return answered(429, { error: { code: 130_429 } })
    if (draw < 0.12) return new Response('<html>down</html>', { status: 502 })
    if (draw < 0.15) return answered(200, { error: { code: 131_000 } })
    const isLost = draw < 0.2
    const id = this.#take(message, isLost, !isLost && draw < 0.4)
    if (isLost) throw new TypeError('the answer is lost')
    return answered(200, { messages: [{ id }] })
  }

  #refused({ to, type }: Sendable): Response | null {
    const { clock, heardAtMs, pair } = this.#options
    const atMs = clock.nowMs()
    if (type !== 'template' && atMs - (heardAtMs.get(to) ?? 0) > DAY_MS) {
      this.afterDay += 1
      return answered(400, { error: { code: 131_047 } })
    }
    const recent = this.taken.filter(other => other.to === to && atMs - other.atMs < pair.everyMs)
    if (recent.length <= pair.burst) return null
    this.overPair += 1
    return answered(400, { error: { code: 131_056 } })
  }

  #take(message: Sendable, isLost: boolean, isIll: boolean): string {
    const { to, text, interactive, template } = message
    const said = text?.body ?? interactive?.body.text ?? template?.name ?? ''
    const fails = isIll && interactive !== undefined && said === 'sure?'
    const atMs = this.#options.clock.nowMs()
    this.taken.push({ to, atMs, text: said, isTemplate: template !== undefined, isLost, fails })
    const id = `wamid.${this.taken.length}`
    const ends = fails ? (['failed', 'sent'] as const) : (['sent', 'delivered', 'read'] as const)
    for (const status of ends) this.#tell({ id, status, recipient_id: to })
    return id
  }

  /** Up to three times, each at a time of its own: the last may come before the first. */
  #tell(status: HostileStatus): void {
    const { clock, random } = this.#options
    for (let times = Math.floor(random.fraction() * 3); times >= 0; times -= 1) {
      this.statuses += 1
      const afterMs = random.fraction() * STATUS_WITHIN_MS
      clock.after(afterMs, () => this.#options.status(status))
    }
  }
}

function answered(status: number, body: unknown): Response {
  return new Response(JSON.stringify(body), { status })
}
