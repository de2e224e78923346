import type { HoldOutcome } from '../../ops/hold.ts'
import { type Operator, operatorOf } from '../../ops/operator.ts'
import { DAMAGED, type ParkedEvent } from '../../ops/parked-events.ts'
import type { ParkedOutcome } from '../../ops/redrive.ts'
import type { RollbackOutcome } from '../../ops/rollback.ts'
import type { Listing } from '../../store/conversation-store.ts'
import { addressOf, CALM_MS, TALK_MS } from './members.ts'
import type { Ground, Node } from './node.ts'

/** What an order came to; null when it must be given again. */
type Given = {
  readonly outcome: string
  readonly conversation?: string
  readonly id?: string
} | null

/** Until then the same order is not given again, in ms. */
const PATIENCE_MS = 4_000
const AGAIN_MS = 700
const RELEASE_EVERY_MS = 4_000
const NOBODY: Listing = { ids: [], cursor: null }

/**
 * Operators who hold conversations, let them go on, move them back, erase them and run again what
 * was given up, by whatever process answers; an order is given again under its id until one says
 * what became of it.
 */
export class Operators {
  readonly #ground: Ground
  readonly #nodes: readonly Node[]
  #waiting = 0
  #count = 0

  constructor(ground: Ground, nodes: readonly Node[]) {
    this.#ground = ground
    this.#nodes = nodes
  }

  /** Orders of which nobody knows yet what became. */
  get waiting(): number {
    return this.#waiting
  }

  /** Draws when which order is given. */
  schedule(): void {
    const { weather, clock } = this.#ground
    const at = (): number => weather.between('orders', 2_000, TALK_MS)
    for (let nth = 0; nth < 3; nth += 1) {
      const atMs = at()
      if (weather.strikes('hold')) clock.after(atMs, () => this.#hold())
    }
    for (let nth = 0; nth < 3; nth += 1) {
      const atMs = at()
      if (weather.strikes('moveBack')) clock.after(atMs, () => this.#moveBack())
    }
    for (let nth = 0; nth < 2; nth += 1) {
      const atMs = at()
      // What a store that lost its newest writes does not know of was never erased.
      if (!weather.has('rollback') && weather.strikes('erase')) {
        clock.after(atMs, () => this.#erase())
      }
    }
    for (let nth = 0; nth < 4; nth += 1) {
      const atMs = at()
      if (weather.strikes('redrive')) clock.after(atMs, () => this.#redrive())
    }
    // Also whom the policy holds, after failures, waits for a person.
    clock.after(CALM_MS + 100, () => this.#releaseAll())
  }

  #hold(): void {
    const { clock, weather } = this.#ground
    const who = this.#anybody()
    const request = this.#signed('hold')
    const releaseMs = weather.between('release', 300, 9_000)
    this.#insist(request.id, async ops => {
      if (weather.isCalm) return { outcome: 'too late' }
      return resultOf(await ops.hold(who, request))
    })
    clock.after(releaseMs, () => {
      const release = this.#signed('resume')
      this.#insist(release.id, async ops => resultOf(await ops.resume(who, release)))
    })
  }

  /** At the end those on the list of the held are let go; a late failure may add one. */
  #releaseAll(): void {
    const { clock, weather } = this.#ground
    clock.after(RELEASE_EVERY_MS, () => this.#releaseAll())
    const { runtime } = weather.pick('operator', this.#nodes)
    if (runtime === null) return
    const release = ({ ids }: Listing): void => {
      for (const id of ids) {
        const request = this.#signed('resume')
        this.#insist(request.id, async ops => resultOf(await ops.resume(id, request)))
      }
    }
    // Who cannot be reached is asked again later.
    operatorOf(runtime)
      .held()
      .then(release, () => release(NOBODY))
  }

  #moveBack(): void {
    const { weather } = this.#ground
    const who = this.#anybody()
    const request = this.#signed('rollback')
    const steps = weather.between('back by', 1, 6)
    let to: number | null = null
    this.#insist(request.id, async ops => {
      if (to === null) {
        const past = await ops.history(who)
        if (past.tag === 'refused') return { outcome: past.tag }
        to = Math.max(1, past.version - steps)
      }
      return resultOf(await ops.rollback(who, to, request))
    })
  }

  #erase(): void {
    const who = this.#anybody()
    const other = { ...who, user: `${who.user}-elsewhere` }
    this.#insist('erase', async ops => {
      await ops.link(who, other)
      const { tag } = await ops.erase(who)
      return { outcome: tag }
    })
  }

  /** Runs again what was parked first, once its row is found. */
  #redrive(): void {
    const who = this.#anybody()
    let key: string | null = null
    const { by, reason } = this.#signed('redrive')
    this.#insist('redrive', async ops => {
      if (key === null) {
        const parked = await ops.parkedEvents(who)
        const open = 'tag' in parked ? [] : parked.filter(isRunnable)
        // An attempt that was given up may have found it meanwhile, and run it again.
        key ??= open[0]?.key ?? null
        if (key === null) return { outcome: 'nothing is parked' }
      }
      return resultOf(await ops.redrive(who, key, { by, reason }), `redrive ${key}`)
    })
  }

  #anybody(): { readonly channel: string; readonly account: string; readonly user: string } {
    const { weather } = this.#ground
    return addressOf(weather, `u${weather.between('whom', 0, 3)}`)
  }

  #signed(command: string): { readonly by: string; readonly reason: string; readonly id: string } {
    this.#count += 1
    return { by: 'operator', reason: 'as drawn', id: `${command}-${this.#count}` }
  }

  /** Gives an order until it is known what became of it. */
  #insist(id: string, order: (ops: Operator) => Promise<Given>): void {
    const { clock, weather } = this.#ground
    this.#waiting += 1
    const attempt = (): void => {
      const { runtime } = weather.pick('operator', this.#nodes)
      let isOver = false
      const end = (given: Given): void => {
        if (isOver) return
        isOver = true
        if (given === null) clock.after(AGAIN_MS, attempt)
        else this.#settled(id, given)
      }
      clock.after(PATIENCE_MS, () => end(null))
      if (runtime === null) end(null)
      else order(operatorOf(runtime)).then(end, () => end(null))
    }
    attempt()
  }

  #settled(order: string, { conversation, outcome, id = order }: NonNullable<Given>): void {
    this.#waiting -= 1
    if (conversation === undefined) return
    this.#ground.log.tell('ordered', { conv: conversation, id, outcome })
  }
}

// What is damaged can only be discarded.
function isRunnable({ kind, state }: ParkedEvent): boolean {
  return state === 'open' && kind !== DAMAGED
}

/** What became of an order; `id` is its own where it has another than it was given under. */
function resultOf(ended: HoldOutcome | RollbackOutcome | ParkedOutcome, id?: string): Given {
  if (ended.tag === 'shed') return null
  if (ended.tag === 'refused') return { outcome: ended.tag }
  const named = id === undefined ? {} : { id }
  return { outcome: ended.tag, conversation: ended.conversation, ...named }
}
