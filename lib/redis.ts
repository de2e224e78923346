export type { RedisDurability } from './store/redis/demand.ts'
export { type RedisStoreOptions, redisStore } from './store/redis/redis-store.ts'
