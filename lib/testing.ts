// Try a bot, a channel or a store: time, randomness and faults by hand, and what a store must do.
export { seededRandom } from './kernel/random.ts'
export {
  checkEventLog,
  type EventLogOptions,
  type EventLogVerdict
} from './testing/check-event-log.ts'
export { INVARIANTS, type InvariantName, type Violation } from './testing/event-log/verdict.ts'
export { type FaultyStore, faultyStore } from './testing/faulty-store.ts'
export { type MemoryStore, memoryStore } from './testing/memory-store.ts'
export { type Simulation, type SimulationOptions, simulate } from './testing/sim/simulate.ts'
export { transcriptOf } from './testing/sim/transcript.ts'
export { FAULT_KINDS, type FaultKind } from './testing/sim/weather.ts'
export { type SimulatedClock, simulatedClock } from './testing/simulated-clock.ts'
export { type StoreCheck, storeContract } from './testing/store-contract.ts'
