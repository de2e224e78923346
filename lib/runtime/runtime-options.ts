import type { Program } from '../conversation/program.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { Metrics } from '../kernel/metrics.ts'
import type { Random } from '../kernel/random.ts'
import type { ConversationStore } from '../store/conversation-store.ts'
import type { KeyRing } from '../store/seal.ts'
import type { Policy } from '../supervision/policy.ts'
import type { PolicySource } from '../supervision/policy-source.ts'
import type { SendAlarm } from './alarms.ts'
import type { Limits } from './parts.ts'
import type { WatchdogLimits } from './watchdog.ts'

export interface RuntimeOptions {
  /** What `defineBot` made, or any other program. */
  readonly bot: Program
  readonly store: ConversationStore
  /** Seals secret fields; default: one key kept in the store's layout row. */
  readonly keys?: KeyRing
  /**
   * What supervision does about failures; what is absent is as in `defaultPolicy`. A source may
   * replace it while the runtime runs: `watchedPolicy('config/supervision.yaml')`.
   */
  readonly policy?: Partial<Policy> | PolicySource
  /** Name of this build, kept with what it parks; default: name and schema of the bot. */
  readonly build?: string
  /**
   * Watches for a turn that blocks the event loop: names it on standard error, then ends the
   * process. Default: nobody watches; a debugger that stops the process would be taken for one.
   */
  readonly watchdog?: WatchdogLimits
  /** Sends alarms to the webhook of the policy; default: a POST of JSON. */
  readonly sendAlarm?: SendAlarm
  readonly logger?: Log
  /** Counts what happens: `prometheusMetrics()` of `chaperone/ops`. Default: nobody counts. */
  readonly metrics?: Metrics
  /**
   * Name of this process among those that share the store; give a restarted process its old name,
   * so that it takes over at once what it left. Default: a random one.
   */
  readonly instance?: string
  readonly limits?: Partial<Limits>
  readonly clock?: Clock
  readonly random?: Random
  /** Takes a JSON line an event, for `checkEventLog` of `chaperone/testing`. Default: none. */
  readonly eventLog?: (line: string) => void
}
