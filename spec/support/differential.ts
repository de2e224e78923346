import assert from 'node:assert/strict'
import { type Random, seededRandom } from '../../lib/kernel/random.ts'
import type { Commit, ConversationStore, Fence } from '../../lib/store/conversation-store.ts'
import { aCommit, aDeferral } from '../../lib/testing/store-contract/store-check.ts'
import { allOf, erasedOf, isCommitted, plain, tagOf } from './compared-contents.ts'
import { drawnHolds } from './drawn-hold.ts'

const HOUR_MS = 3_600_000
const WRITERS = 3
const CONVERSATIONS = 3

/** Two stores that should not be told apart, in one time that this comparison moves. */
export interface Compared {
  readonly model: ConversationStore
  readonly store: ConversationStore
  nowMs(): number
  advance(ms: number): Promise<void>
}

// A fence is known to the store that gave it, so a writer remembers one of each.
interface Memory {
  readonly model: Fence | null
  readonly store: Fence | null
}
interface Verb {
  readonly name: string
  readonly at: (store: ConversationStore, of: 'model' | 'store') => Promise<unknown>
}
interface Talk {
  readonly id: string
  readonly memories: Memory[]
  readonly sent: Verb[]
  readonly prints: Uint8Array[]
}

/**
 * Plays random calls on both: stale parents, repeats, duplicates, calls that arrive late or never,
 * erasures and creations after them. Rejects at the first answer or state that differs; gives how
 * often each answer came.
 */
export async function compare(
  given: Compared,
  { seed, steps }: { readonly seed: number; readonly steps: number }
): Promise<ReadonlyMap<string, number>> {
  const world = new World(given, seed)
  for (let step = 0; step < steps; step += 1) {
    await world.step()
    if (step % 7 === 0) await world.look()
  }
  await world.look()
  return world.tally
}

class World {
  readonly tally = new Map<string, number>()
  readonly #given: Compared
  readonly #random: Random
  readonly #talks: readonly Talk[]
  readonly #aliases: readonly string[]
  readonly #seed: number
  readonly #holds: ReturnType<typeof drawnHolds>
  #count = 0

  constructor(given: Compared, seed: number) {
    this.#given = given
    this.#seed = seed
    this.#holds = drawnHolds(seed)
    this.#random = seededRandom(seed)
    this.#aliases = [1, 2].map(() => Buffer.from(this.#random.bytes(16)).toString('base64url'))
    this.#talks = Array.from({ length: CONVERSATIONS }, () => ({
      id: Buffer.from(this.#random.bytes(16)).toString('base64url'),
      memories: Array.from({ length: WRITERS }, () => ({ model: null, store: null })),
      sent: [],
      prints: []
    }))
  }

  async step(): Promise<void> {
    const talk = this.#pick(this.#talks)
    const draw = this.#random.fraction()
    if (draw < 0.02) await this.#given.advance(this.#pick([1, 30, 70, 220]) * HOUR_MS)
    else if (draw < 0.2) await this.#load(talk, this.#below(WRITERS))
    else if (draw < 0.6) await this.#commit(talk)
    else if (draw < 0.68) await this.#defer(talk)
    else if (draw < 0.74) await this.#acknowledge(talk)
    else if (draw < 0.8) await this.#claim()
    else if (draw < 0.84) await this.#settle(talk)
    else if (draw < 0.852) await this.#erase(talk)
    else if (draw < 0.862) await this.#alias(talk)
    else if (draw < 0.87) await this.#rewrite(talk)
    else if (talk.sent.length > 0) await this.#late(talk)
    const hold = this.#holds(this.#talks)
    if (hold !== null) await this.#play(hold)
  }

  /** Compares all that both hold. */
  async look(): Promise<void> {
    const ids = [...this.#talks.map(({ id }) => id), ...this.#aliases]
    const { model: mine, store: theirs } = this.#given
    const [model, store] = await Promise.all([mine, theirs].map(each => allOf(each, ids)))
    assert.deepEqual(plain(store), plain(model), `seed ${this.#seed}`)
  }

  async #load(talk: Talk, writer: number): Promise<void> {
    const { model, store } = this.#given
    const [mine, theirs] = await Promise.all([model.load(talk.id), store.load(talk.id)])
    assert.deepEqual(plain(theirs), plain(mine), `seed ${this.#seed} load`)
    talk.memories[writer] = { model: mine.fence, store: theirs.fence }
  }

  async #commit(talk: Talk): Promise<void> {
    const writer = this.#below(WRITERS)
    const memory = talk.memories[writer]!
    const change = this.#change(talk)
    const verb: Verb = {
      name: 'commit',
      at: async (store, of) => store.commit(talk.id, aCommit(memory[of], change))
    }
    talk.sent.push(verb)
    // A command that is lost on its way: it may still arrive, late.
    if (this.#chance(0.06)) return
    const [mine, theirs] = await this.#play(verb)
    if (isCommitted(mine) && isCommitted(theirs)) {
      talk.memories[writer] = { model: mine.fence, store: theirs.fence }
    } else if (this.#chance(0.7)) await this.#load(talk, writer)
    if (this.#chance(0.06)) await this.#play(verb)
  }

  async #defer(talk: Talk): Promise<void> {
    const { model: fence } = this.#pick(talk.memories)
    const deferral = aDeferral(fence?.epoch ?? 'nobody', {
      head: this.#head(),
      fingerprint: this.#print(talk),
      row: { why: 'hold', row: this.#text('event') },
      dueMs: this.#due()
    })
    const verb: Verb = { name: 'defer', at: async store => store.defer(talk.id, deferral) }
    talk.sent.push(verb)
    await this.#play(verb)
  }

  async #acknowledge(talk: Talk): Promise<void> {
    const epoch = this.#pick(talk.memories).model?.epoch ?? 'nobody'
    const { undelivered } = await this.#given.model.load(talk.id)
    const [first] = undelivered
    const last = this.#chance(0.8) && first !== undefined ? this.#pick(undelivered) : null
    // Mostly a row that is there; else one of another branch, or one that is gone or to come.
    const row = this.#chance(0.1) ? 'another row' : (last?.row ?? this.#text('reply'))
    const sequence = last?.sequence ?? (first?.sequence ?? 3) - 2 + this.#below(30)
    const at: Verb['at'] = async store => store.acknowledged(talk.id, epoch, { sequence, row })
    const verb: Verb = { name: 'acknowledged', at }
    talk.sent.push(verb)
    await this.#play(verb)
  }

  async #claim(): Promise<void> {
    const instance = this.#pick(['a', 'b'])
    const own = this.#chance(0.3)
    const claims = async (store: ConversationStore): Promise<readonly string[]> => {
      if (!own) return (await store.claimDue(50, HOUR_MS)).toSorted()
      const all: string[] = []
      for (;;) {
        const page = await store.claimOwn(instance, 2, HOUR_MS)
        if (page.length === 0) return all.toSorted()
        all.push(...page)
      }
    }
    await this.#play({ name: own ? 'claimOwn' : 'claimDue', at: claims })
  }

  async #settle(talk: Talk): Promise<void> {
    const memory = this.#pick(talk.memories)
    if (memory.model === null || memory.store === null) return
    const dueMs = this.#due()
    const known = (this.#count % 3) - 1
    const { acknowledgedThrough } = await this.#given.model.load(talk.id)
    const at: Verb['at'] = async (store, of) =>
      store.settleDue(talk.id, memory[of]!, dueMs, acknowledgedThrough + known)
    await this.#play({ name: 'settleDue', at })
  }

  async #erase(talk: Talk): Promise<void> {
    const { model: fence } = this.#pick(talk.memories)
    const epochs = [fence?.epoch ?? 'nobody', this.#text('e')] as const
    const verb: Verb = { name: 'erase', at: async store => store.erase(talk.id, ...epochs) }
    talk.sent.push(verb)
    await this.#play(verb)
  }

  /** Another id, free or not, is to lead here, or no longer. */
  async #alias(talk: Talk): Promise<void> {
    const epoch = this.#pick(talk.memories).model?.epoch ?? 'nobody'
    const isNew = this.#chance(0.5)
    const alias = this.#pick(isNew ? this.#aliases : await erasedOf(this.#given.model, this.#talks))
    const sets = this.#chance(0.7)
    const at: Verb['at'] = async store =>
      sets ? store.setAlias(talk.id, epoch, alias) : store.removeAlias(talk.id, alias)
    const verb: Verb = { name: sets ? 'setAlias' : 'removeAlias', at }
    talk.sent.push(verb)
    await this.#play(verb)
  }

  async #rewrite(talk: Talk): Promise<void> {
    const memory = this.#pick(talk.memories)
    if (memory.model === null || memory.store === null) return
    const texts = (word: string): (string | null)[] =>
      Array.from({ length: this.#below(4) }, () => (this.#chance(0.5) ? this.#text(word) : null))
    const calls = this.#chance(0.3) ? [{ key: 'k:1', row: this.#text('call') }] : []
    const own = { slots: texts('slot').slice(0, 2), calls, unlistParked: calls.length > 0 }
    const rows = { ...own, inbox: texts('inbox'), history: texts('history'), parked: texts('p') }
    const at: Verb['at'] = async (store, of) => store.rewrite(talk.id, memory[of]!, rows)
    await this.#play({ name: 'rewrite', at })
  }

  /** A call arrives again, or for the first time, long after it was made. */
  async #late(talk: Talk): Promise<void> {
    const recent = talk.sent.slice(-12)
    await this.#play(this.#pick(this.#chance(0.3) ? talk.sent : recent))
  }

  async #play({ name, at }: Verb): Promise<readonly [unknown, unknown]> {
    const { model, store } = this.#given
    const mine = await at(model, 'model')
    const theirs = await at(store, 'store')
    assert.deepEqual(plain(theirs), plain(mine), `seed ${this.#seed} ${name}`)
    const key = `${name} ${tagOf(mine)}`
    this.tally.set(key, (this.tally.get(key) ?? 0) + 1)
    return [mine, theirs]
  }

  #change(talk: Talk): Partial<Commit> {
    const key = (): string => `k:${this.#below(3)}`
    return {
      epoch: this.#text('e'),
      head: this.#head(),
      record: this.#chance(0.01) ? 'x'.repeat(66_000) : this.#text('record \0 é'),
      attached: this.#chance(0.3),
      unreadable: this.#chance(0.03) ? this.#text('broken') : null,
      fingerprint: this.#print(talk),
      history: this.#text('row'),
      replies: Array.from({ length: this.#chance(0.12) ? 45 : this.#below(3) }, () =>
        this.#text('reply')
      ),
      openCall: this.#chance(0.15) ? { key: key(), row: this.#text('call') } : null,
      closeCalls: this.#chance(0.2) ? [key()] : [],
      effect: this.#chance(0.1),
      dueMs: this.#due(),
      activeMs: this.#given.nowMs(),
      acknowledgedThrough: this.#chance(0.3) ? this.#below(120) : null,
      take: this.#chance(0.3) ? this.#below(4) : 0,
      append: this.#chance(0.15) ? { why: 'call', row: this.#text('event') } : null,
      park: this.#chance(0.05) ? this.#text('parked') : null,
      held: this.#chance(0.1) ? this.#chance(0.5) : null,
      setAside: this.#chance(0.05) ? [this.#text('aside'), this.#text('aside')] : []
    }
  }

  // Well before or well after now: the two stores read their clocks some milliseconds apart.
  #due(): number | null {
    if (this.#chance(0.3)) return null
    const hours = this.#chance(0.5) ? -this.#below(40) - 1 : this.#below(40) + 3
    return Math.floor(this.#given.nowMs() / HOUR_MS) * HOUR_MS + hours * HOUR_MS
  }

  #print({ prints }: Talk): Uint8Array | null {
    if (this.#chance(0.3)) return null
    if (prints.length > 0 && this.#chance(0.15)) return this.#pick(prints.slice(-40))
    const print = this.#random.bytes(8)
    print[0] = this.#below(4)
    prints.push(print)
    return print
  }

  #head(): string {
    return `${this.#pick(['a', 'b'])}/n${this.#seed}.${this.#next()}`
  }

  #text(word: string): string {
    return `${word}${this.#next()}`.replace(' ', word === 'e' ? '' : ' ')
  }

  #next(): string {
    this.#count += 1
    return this.#count.toString(36)
  }

  #below(limit: number): number {
    return Math.floor(this.#random.fraction() * limit)
  }

  #chance(share: number): boolean {
    return this.#random.fraction() < share
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#below(from.length)]!
  }
}
