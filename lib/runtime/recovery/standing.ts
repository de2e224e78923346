import type { RungNote } from '../../conversation/decision.ts'
import type { Call, ConversationRecord, Held } from '../../conversation/record.ts'
import type { Failure } from '../../kernel/failure.ts'

/** What a damaged conversation goes on with; true with the commit of the next event. */
export interface Recovery {
  /** 2: an older state. 3: the menu with the core kept. 4: nothing, a new core is built. */
  readonly rung: 2 | 3 | 4
  /** What was tried, for the audit and the log. */
  readonly notes: readonly RungNote[]
  /** The newest record as it was found. */
  readonly raw: string
  /** The other record slot where that cannot be read either: the next commits write over it. */
  readonly others: readonly string[]
  /** Ids of keys that have opened a secret of this conversation. */
  readonly keys: readonly string[]
  /** Open calls of the store, none of them awaited by the flow any more. */
  readonly calls: readonly Call[]
  readonly initializedAt: number | null
  /** Who holds it where no record is left to say so. */
  readonly held: Held | null
  /** It was known from an event whom the conversation is with. */
  readonly addressed: boolean
}

/** Why nothing may be decided or overwritten: another build, or a key, can read what is stored. */
export interface Blocked {
  readonly why: 'future' | 'unreadable'
  readonly failure: Failure
}

/** What a conversation that was loaded is to be taken for. */
export type Standing =
  | {
      readonly tag: 'whole'
      readonly record: ConversationRecord
      /** The schema it is stored in. */
      readonly schema: number
    }
  | { readonly tag: 'blocked'; readonly blocked: Blocked }
  | {
      readonly tag: 'recovered'
      readonly recovery: Recovery
      /** Null when even the core is lost. */
      readonly record: ConversationRecord | null
    }
