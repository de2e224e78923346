import type { Calls } from '../calls/calls.ts'
import type { Channel, Receipt } from '../channel/channel.ts'
import type { Program } from '../conversation/program.ts'
import type { TurnEvent } from '../conversation/turn-event.ts'
import type { Clock } from '../kernel/clock.ts'
import { fail } from '../kernel/failure.ts'
import type { Log } from '../kernel/log.ts'
import type { Random } from '../kernel/random.ts'
import type { Outbox } from '../outbox/outbox.ts'
import type { ConversationStore } from '../store/conversation-store.ts'
import type { KeyRing } from '../store/seal.ts'
import type { Policy } from '../supervision/policy.ts'
import type { Alarms } from './alarms.ts'
import type { Caution } from './caution.ts'
import type { Errand } from './cell.ts'
import type { StoreGate } from './gate/store-gate.ts'
import type { LoopLag } from './loop-lag.ts'
import type { Meter } from './metrics/meter.ts'
import type { StoreTime } from './store-time.ts'
import type { Listeners } from './trace.ts'
import type { Watchdog } from './watchdog.ts'

/** Bounds of the runtime, each with its unit; what happens at a bound stands beside it. */
export const LIMITS = {
  /** Events queued per conversation; beyond it `receive` sheds. */
  mailboxEvents: 32,
  /** Events queued in the whole process; beyond it `receive` sheds. */
  queuedEvents: 10_000,
  /** How late the event loop may be in a row, in ms; beyond it `receive` sheds. */
  loopLagMs: 1_000,
  /** Live actors; beyond it the one that was idle longest is stopped. */
  liveConversations: 100_000,
  /** An actor that had nothing to do for this long is stopped, in ms. */
  idleMs: 900_000,
  /** Longest a turn tries to reach the store, in ms; after it the event is shed, unacknowledged. */
  turnMs: 5_000,
  /** Conflicts in a row of one event; after one more it is shed, unacknowledged. */
  conflicts: 5,
  /** Longest a call of the store may take, in ms; then its outcome is unknown. */
  storeCallMs: 3_000,
  /** The same for a call that walks over all of the store. */
  storeWalkMs: 30_000,
  /** Inbox rows taken by one commit; the rest follows in the next. */
  inboxRowsPerCommit: 8,
  /** Replies one decision may bring; more is a Defect. */
  repliesPerDecision: 32,
  /** Size of one stored reply, in bytes; a larger one is a Defect. */
  replyBytes: 65_536,
  /** Open calls of one conversation, unresolved ones not counted; one more is a Defect. */
  calls: 4,
  /** Calls under way at one time in the process; more wait, in order. */
  callsAtOnce: 256,
  /**
   * Calls that wait for one of those; beyond it a call begins when a sweep finds it, and one that
   * only its process may begin (`ask-operator`) ends as not done.
   */
  callsWaiting: 10_000,
  /** Results of calls and ends of replies that wait to be taken; beyond it the newest is lost. */
  untakenEvents: 10_000,
  /** Sends under way at one time for one channel; more conversations wait, in order. */
  sends: 64,
  /** Conversations whose replies are on their way; beyond it some are left to the sweep. */
  lanes: 10_000,
  /** How long a claim keeps other processes away, in ms. */
  leaseMs: 10_000,
  /** Pause between sweeps, in ms. */
  sweepEveryMs: 500,
  /** Conversations claimed by one sweep; the rest waits for the next. */
  sweepPage: 200,
  /** Conversations woken in one second at least, however much members talk. */
  sweepLeast: 10,
  /** Conversations whose entry in the index is looked at in one second. */
  reconcilePage: 10,
  /** Pause between walks that look at all of them, in ms. */
  reconcileEveryMs: 600_000,
  /** Longest an acknowledgement waits for a commit to ride with, in ms. */
  acknowledgeWithinMs: 500
} as const

export type Limits = { readonly [K in keyof typeof LIMITS]: number }

/**
 * The default limits with these in their place.
 *
 * Fails with `CHP_SETTING_INVALID`, naming the first that is unknown or no whole number above 0.
 */
export function checkedLimits(given: Partial<Limits>): Limits {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(LIMITS, name)) fail('CHP_SETTING_INVALID', `There is no limit "${name}".`)
    if (Number.isSafeInteger(value) && value > 0) continue
    fail('CHP_SETTING_INVALID', `The limit "${name}" must be a whole number above 0.`)
  }
  return { ...LIMITS, ...given }
}

/** Everything a turn needs, handed in. */
export interface Parts {
  readonly program: Program
  /** The store behind the gate: every call settles, and fails at once while the store is away. */
  readonly store: ConversationStore
  readonly gate: StoreGate
  readonly ring: KeyRing
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Null where nobody counts. */
  readonly meter: Meter | null
  /** The policy that holds now: it may be replaced while the runtime runs. */
  readonly policy: () => Policy
  /** Name of this build of the bot, for whoever looks at what was parked. */
  readonly build: string
  readonly alarms: Alarms
  /** Notes runs in the store while processes end uncleanly. */
  readonly caution: Caution
  /** Null where nobody watches for turns that block the process. */
  readonly watchdog: Watchdog | null
  readonly limits: Limits
  readonly time: StoreTime
  readonly listeners: Listeners
  readonly calls: Calls
  readonly outbox: Outbox
  readonly lag: LoopLag
  /** The next head; never the same twice. */
  readonly nextHead: () => string
  readonly newEpoch: () => string
  /** Name of this process among those that share the store. */
  readonly instance: string
  /** This very process, `<instance>/<nonce>`, as its heads begin. */
  readonly process: string
  /** Store time when this process started. */
  readonly startedAtMs: number
  /** Feeds an event or an errand of the runtime itself; resolves when it has ended. */
  readonly push: (conversation: string, work: TurnEvent | Errand) => Promise<Receipt>
  /** Hands an event on to the conversation that an alias leads to; its answer is the event's. */
  readonly forward: (conversation: string, event: TurnEvent) => Promise<Receipt>
  /** The mounted channel of this name; without one its replies go out with the receipt. */
  readonly channel: (name: string) => Channel | undefined
}
