export { backUpLmdb } from './store/lmdb/back-up.ts'
export { compactLmdb } from './store/lmdb/compact.ts'
export { type LmdbStoreOptions, lmdbStore } from './store/lmdb/lmdb-store.ts'
