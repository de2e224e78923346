// Try a bot, a channel or a store: time, randomness and faults by hand, and what a store must do.
export { seededRandom } from './kernel/random.ts'
export { type FaultyStore, faultyStore } from './testing/faulty-store.ts'
export { memoryStore } from './testing/memory-store.ts'
export { type SimulatedClock, simulatedClock } from './testing/simulated-clock.ts'
export { type StoreCheck, storeContract } from './testing/store-contract.ts'
