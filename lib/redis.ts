export type { RedisDurability } from './store/redis/demand.ts'
export type { RedisPlace, RedisTls, SentinelPlace } from './store/redis/place.ts'
export { type RedisStoreOptions, redisStore } from './store/redis/redis-store.ts'
