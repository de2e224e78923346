import type { ConversationStore, Fence } from '../../lib/store/conversation-store.ts'

/** All that a store holds under an id. */
async function contents(store: ConversationStore, id: string): Promise<unknown> {
  const [loaded, recoverable, parked, exported] = await Promise.all([
    store.load(id),
    store.recoverable(id),
    store.parked(id),
    store.export(id)
  ])
  // Of an entry of the window, all but its seconds.
  const seen = exported.seen.map(entry => entry.slice(0, 16) + entry.slice(24))
  return { loaded, recoverable, parked, exported: { ...exported, seen } }
}

/** The same of these ids, with what the lists and the counts say. */
export async function allOf(store: ConversationStore, ids: readonly string[]): Promise<unknown> {
  return {
    ids: await Promise.all(ids.map(async id => contents(store, id))),
    lists: [
      await store.list(null, 10),
      await store.parkedList(null, 10),
      await store.heldList(null, 10)
    ],
    stats: await store.stats()
  }
}

/** Ids of those that were erased; of all while there is none. */
export async function erasedOf(
  store: ConversationStore,
  talks: readonly { readonly id: string }[]
): Promise<readonly string[]> {
  const ids = talks.map(({ id }) => id)
  const loads = await Promise.all(ids.map(async id => store.load(id)))
  const erased = ids.filter((_, at) => loads[at]!.fence?.version === 0)
  return erased.length > 0 ? erased : ids
}

export function isCommitted(outcome: unknown): outcome is { readonly fence: Fence } {
  return typeof outcome === 'object' && outcome !== null && 'fence' in outcome
}

export function tagOf(outcome: unknown): string {
  if (Array.isArray(outcome)) return outcome.length > 0 ? 'some' : 'none'
  if (typeof outcome === 'object' && outcome !== null) return String(Reflect.get(outcome, 'tag'))
  return String(outcome)
}

// The state of a fence is the adapter's own, and clocks differ by milliseconds.
export function plain(value: unknown): unknown {
  const shown = JSON.stringify(value, (key, inner: unknown) =>
    ['state', 'nowMs', 'untilMs', 'cursor', 'wakeMs'].includes(key) ? undefined : inner
  )
  return shown === undefined ? undefined : JSON.parse(shown)
}
