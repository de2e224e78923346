import assert from 'node:assert/strict'
import type { Random } from '../../lib/kernel/random.ts'
import {
  BOUNDS,
  type Commit,
  type CommitOutcome,
  type ConversationStore,
  type DeferOutcome,
  type Deferral
} from '../../lib/store/conversation-store.ts'

/** What adds a version to a conversation, whichever call brought it. */
interface Addition {
  readonly epoch: string
  readonly version: number
  readonly head: string
  /** Head of the commit it follows, null for the first; undefined when it follows whatever is. */
  readonly parent: string | null | undefined
  readonly fingerprint: Uint8Array | null
}

/**
 * The same store, with every answer held against what no store may ever say, model or not.
 *
 * Versions of an incarnation have no gaps and begin at 1, once for as long as its tombstone stands;
 * a commit follows the very head it names; and an id has one effect in a conversation within the
 * window, whatever was erased, begun anew or led elsewhere meanwhile: a tombstone keeps the window
 * for as long. Rejects with an `AssertionError` otherwise.
 */
export function chained(store: ConversationStore, nowMs: () => number): ConversationStore {
  const chains = new Chains(nowMs)
  const over: Partial<ConversationStore> = {
    commit: async (id, commit) => chains.committed(id, commit, await store.commit(id, commit)),
    defer: async (id, deferral) => chains.deferred(id, deferral, await store.defer(id, deferral)),
    erase: async (id, epoch, tombstoneEpoch) =>
      chains.erased(id, epoch, await store.erase(id, epoch, tombstoneEpoch))
  }
  return new Proxy(store, {
    get: (inner, name) => (Reflect.get(over, name) as unknown) ?? bound(inner, name)
  })
}

/** One store of two clients: each call goes by one drawn at random, walks by the first. */
export function alternating(
  one: ConversationStore,
  other: ConversationStore,
  random: Random
): ConversationStore {
  return new Proxy(one, {
    get: (first, name) =>
      bound(name === 'claimOwn' || random.fraction() < 0.5 ? first : other, name)
  })
}

class Chains {
  readonly #nowMs: () => number
  readonly #last = new Map<string, { readonly version: number; readonly head: string }>()
  readonly #taken = new Map<string, number>()
  readonly #erasedMs = new Map<string, number>()

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  committed(id: string, commit: Commit, outcome: CommitOutcome): CommitOutcome {
    if (outcome.tag !== 'committed') return outcome
    const { epoch, version, head } = outcome.fence
    const { parent, fingerprint } = commit
    assert.equal(head, commit.head)
    const followed = parent === null || parent.version === 0 ? null : parent.head
    this.#add(id, { epoch, version, head, parent: followed, fingerprint })
    return outcome
  }

  deferred(id: string, deferral: Deferral, outcome: DeferOutcome): DeferOutcome {
    if (outcome.tag !== 'committed') return outcome
    const { epoch, head, fingerprint } = deferral
    this.#add(id, { epoch, version: outcome.version, head, parent: undefined, fingerprint })
    return outcome
  }

  erased(id: string, epoch: string, outcome: 'erased' | 'gone'): 'erased' | 'gone' {
    const chain = `${id} ${epoch}`
    // A repeat lengthens the life of no tombstone.
    if (outcome === 'erased' && !this.#erasedMs.has(chain)) {
      this.#erasedMs.set(chain, this.#nowMs())
    }
    return outcome
  }

  #add(id: string, { epoch, version, head, parent, fingerprint }: Addition): void {
    const chain = `${id} ${epoch}`
    if (version === 1) this.#forgetErased(chain)
    const last = this.#last.get(chain)
    // A repeat of what was the last to be added.
    if (last?.head === head) return
    assert.equal(version, (last?.version ?? 0) + 1, `a gap in ${chain}`)
    if (parent !== undefined)
      assert.equal(parent, last?.head ?? null, `a foreign parent in ${chain}`)
    this.#last.set(chain, { version, head })
    if (fingerprint === null) return
    const name = `${id} ${Buffer.from(fingerprint).toString('hex')}`
    const before = this.#taken.get(name)
    const nowMs = this.#nowMs()
    if (before !== undefined) {
      // The store counts whole seconds of a clock of its own.
      assert.ok(nowMs - before > BOUNDS.dedupeSeconds * 1000 - 2000, `an id twice in ${chain}`)
    }
    this.#taken.set(name, nowMs)
  }

  // A command that was under way for longer than a tombstone stands begins what was erased anew.
  #forgetErased(chain: string): void {
    const erasedMs = this.#erasedMs.get(chain)
    if (erasedMs === undefined || this.#nowMs() - erasedMs < BOUNDS.tombstoneMs - 2000) return
    this.#last.delete(chain)
    this.#erasedMs.delete(chain)
  }
}

function bound(store: ConversationStore, name: string | symbol): unknown {
  const value: unknown = Reflect.get(store, name)
  return typeof value === 'function' ? value.bind(store) : value
}
