import type { ConversationStore } from '../../../lib/store/conversation-store.ts'
import type { SimulatedClock } from '../../../lib/testing/simulated-clock.ts'

/** The texts of one conversation that damage may hit, as the store keeps them. */
export interface StoredTexts {
  /** The record slots. */
  readonly records: readonly string[]
  /** The history rows, each with its head before the first blank. */
  readonly history: readonly string[]
}

/** Where the conversations of one case are kept; it outlives the processes of the case. */
export interface StoreHome {
  /** A handle of its own, as a new process opens it; its time is the clock's. */
  open(clock: SimulatedClock): ConversationStore
  /** Puts other texts, as many and in the same order, in place of those of a conversation. */
  rewrite(id: string, change: (stored: StoredTexts) => StoredTexts): Promise<void>
  /** Removes everything. */
  remove(): Promise<void>
}

/** Makes a home for one case. */
export type StoreKind = () => Promise<StoreHome>
