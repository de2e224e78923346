import type { ConversationStore } from '../../store/conversation-store.ts'

/** How long a call may take, as a limit: one round trip, or a walk over many. */
export type Span = 'storeCallMs' | 'storeWalkMs'

/** A call of the port by its name, or a look whether the store is back. */
export type Operation = keyof ConversationStore | 'probe'

/** Makes a call that concerns this conversation, or the store as a whole. */
type Call = <T>(
  operation: Operation,
  id: string | null,
  span: Span,
  made: () => Promise<T>
) => Promise<T>

/** Makes a call that concerns the rows of the processes. */
type RowsCall = <T>(operation: Operation, made: () => Promise<T>) => Promise<T>

/** A store of which every call goes through the gate; a new call of the port is a line here. */
export function gatedStore(
  store: ConversationStore,
  call: Call,
  rowsCall: RowsCall
): ConversationStore {
  const look = store.fitness?.bind(store)
  const keep = store.keepProcess?.bind(store)
  return {
    name: store.name,
    ...(look === undefined ? {} : { fitness: () => call('fitness', null, 'storeWalkMs', look) }),
    ...(keep === undefined
      ? {}
      : { keepProcess: (...row) => rowsCall('keepProcess', () => keep(...row)) }),
    // Both have limits of their own and are no part of serving.
    open: candidate => store.open(candidate),
    close: () => store.close(),
    time: () => call('time', null, 'storeCallMs', () => store.time()),
    load: id => call('load', id, 'storeCallMs', () => store.load(id)),
    commit: (id, commit) => call('commit', id, 'storeCallMs', () => store.commit(id, commit)),
    defer: (id, deferral) => call('defer', id, 'storeCallMs', () => store.defer(id, deferral)),
    acknowledged: (id, epoch, last) =>
      call('acknowledged', id, 'storeCallMs', () => store.acknowledged(id, epoch, last)),
    holdReplies: (id, epoch, asked) =>
      call('holdReplies', id, 'storeCallMs', () => store.holdReplies(id, epoch, asked)),
    settleDue: (id, ...settled) =>
      call('settleDue', id, 'storeCallMs', () => store.settleDue(id, ...settled)),
    recoverable: id => call('recoverable', id, 'storeCallMs', () => store.recoverable(id)),
    history: (id, page) => call('history', id, 'storeCallMs', () => store.history(id, page)),
    parked: id => call('parked', id, 'storeCallMs', () => store.parked(id)),
    claimDue: (limit, leaseMs) =>
      call('claimDue', null, 'storeWalkMs', () => store.claimDue(limit, leaseMs)),
    claimOwn: (instance, limit, leaseMs) =>
      call('claimOwn', null, 'storeWalkMs', () => store.claimOwn(instance, limit, leaseMs)),
    list: (cursor, limit) => call('list', null, 'storeWalkMs', () => store.list(cursor, limit)),
    erase: (id, epoch, tombstoneEpoch) =>
      call('erase', id, 'storeWalkMs', () => store.erase(id, epoch, tombstoneEpoch)),
    setAlias: (id, epoch, alias) =>
      call('setAlias', id, 'storeWalkMs', () => store.setAlias(id, epoch, alias)),
    removeAlias: (id, alias) =>
      call('removeAlias', id, 'storeWalkMs', () => store.removeAlias(id, alias)),
    parkedList: (cursor, limit) =>
      call('parkedList', null, 'storeWalkMs', () => store.parkedList(cursor, limit)),
    heldList: (cursor, limit) =>
      call('heldList', null, 'storeWalkMs', () => store.heldList(cursor, limit)),
    export: id => call('export', id, 'storeCallMs', () => store.export(id)),
    rewrite: (id, fence, rows) =>
      call('rewrite', id, 'storeCallMs', () => store.rewrite(id, fence, rows)),
    stats: () => call('stats', null, 'storeWalkMs', () => store.stats())
  }
}
