import type { ConversationStore } from '../../../lib/store/conversation-store.ts'
import type { Causes } from './causes.ts'
import type { KeptIds } from './kept-ids.ts'
import type { Life } from './life.ts'
import type { Traffic } from './traffic.ts'

/**
 * A store handle as one process holds it: it answers nobody who is dead, and what passes through
 * tells which replies and calls belong to which event.
 */
export function gatedStore(
  store: ConversationStore,
  { life, traffic, causes, ids }: { life: Life; traffic: Traffic; causes: Causes; ids: KeptIds }
): ConversationStore {
  const gate = <A extends readonly unknown[], R>(call: (...args: A) => Promise<R>) => {
    return (...args: A): Promise<R> => life.outside(() => traffic.track(call(...args)))
  }
  return {
    name: store.name,
    open: gate(candidate => store.open(candidate)),
    close: gate(() => store.close()),
    time: gate(() => store.time()),
    load: gate(async id => {
      const loaded = await store.load(id)
      causes.loaded(id, loaded)
      return loaded
    }),
    commit: gate(async (id, commit) => {
      const outcome = await ids.taken(id, commit, printed => store.commit(id, printed))
      if (outcome.tag === 'committed') causes.committed(id, commit, outcome.firstSequence)
      return outcome
    }),
    defer: gate((id, deferral) => ids.taken(id, deferral, printed => store.defer(id, printed))),
    acknowledged: gate((id, epoch, last) => store.acknowledged(id, epoch, last)),
    holdReplies: gate((id, epoch, asked) => store.holdReplies(id, epoch, asked)),
    claimDue: gate((limit, leaseMs) => store.claimDue(limit, leaseMs)),
    claimOwn: gate((instance, limit, leaseMs) => store.claimOwn(instance, limit, leaseMs)),
    settleDue: gate((id, fence, dueMs) => store.settleDue(id, fence, dueMs)),
    erase: gate((id, epoch, tombstoneEpoch) => store.erase(id, epoch, tombstoneEpoch)),
    recoverable: gate(id => store.recoverable(id)),
    history: gate((id, page) => store.history(id, page)),
    list: gate((cursor, limit) => store.list(cursor, limit)),
    parkedList: gate((cursor, limit) => store.parkedList(cursor, limit)),
    heldList: gate((cursor, limit) => store.heldList(cursor, limit)),
    parked: gate(id => store.parked(id)),
    setAlias: gate((id, epoch, alias) => store.setAlias(id, epoch, alias)),
    removeAlias: gate((id, alias) => store.removeAlias(id, alias)),
    export: gate(id => store.export(id)),
    rewrite: gate((id, fence, rows) => store.rewrite(id, fence, rows)),
    stats: gate(() => store.stats())
  }
}
