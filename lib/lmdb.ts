export { type LmdbStoreOptions, lmdbStore } from './store/lmdb/lmdb-store.ts'
