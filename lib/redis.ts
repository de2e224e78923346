export { type RedisStoreOptions, redisStore } from './store/redis/redis-store.ts'
