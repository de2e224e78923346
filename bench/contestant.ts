/** How much one round sends, and how many messages are on their way at once. */
export interface Load {
  readonly inFlight: number
  readonly conversations: number
  /** Turns that every conversation takes before the clock starts. */
  readonly warmTurns: number
  /** Turns that every conversation takes while the clock runs. */
  readonly turns: number
}

/** One way to take messages, ready to start; `T` is what taking one gives. */
export interface Contestant<in out T> {
  /** Takes a message: turns of one conversation come one at a time and in order. */
  readonly take: (conversation: number, turn: number) => Promise<T>
  /** Throws when the answer is not the one that this turn must have. */
  readonly check: (answer: T, conversation: number, turn: number) => void
  /** Reads every final version back; throws when one is not this many turns. */
  readonly verify: (turns: number) => Promise<void>
  /** Ends it, whatever has failed. */
  readonly close: () => Promise<void>
}

/** Sets a contestant up on an empty server. */
export type Setup<in out T> = (url: string, load: Load, recording: string) => Promise<Contestant<T>>

/** What one round showed. */
export interface Round {
  readonly messages: number
  readonly perSecond: number
  readonly p50Us: number
  readonly p99Us: number
  /** Time of the server's main thread per message. */
  readonly redisUs: number
  /** Time of all threads of the sending process per message. */
  readonly nodeUs: number
  /** Conversations whose final version was read back and was right. */
  readonly verified: number
}

/** How many of each a whole run of a conversation has. */
export function turnsOf({ warmTurns, turns }: Load): number {
  return warmTurns + turns
}
