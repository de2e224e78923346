import type { Program } from '../conversation/program.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { Policy } from '../supervision/policy.ts'
import { isSource, type PolicySource } from '../supervision/policy-source.ts'
import { policyFrom } from '../supervision/read-policy.ts'
import type { Notices } from './alarms.ts'

/** The policy that holds: replaced as a whole between two failures, or not at all. */
export class PolicyInForce {
  readonly #bot: Program
  readonly #source: PolicySource | null
  #current: Policy
  #end: (() => void) | null = null

  /** Fails with `CHP_POLICY_INVALID`, also for a place that this bot does not have. */
  constructor(bot: Program, policy: Partial<Policy> | PolicySource = {}) {
    this.#bot = bot
    this.#source = isSource(policy) ? policy : null
    this.#current = isSource(policy) ? policy.read(bot) : policyFrom(policy, { targets: bot })
  }

  get current(): Policy {
    return this.#current
  }

  /** Follows changes; one that is wrong raises an alarm, and the old policy stays. */
  watch(given: { readonly clock: Clock; readonly log: Log; readonly alarms: Notices }): void {
    const { clock, log, alarms } = given
    this.#end =
      this.#source?.watch(clock, this.#bot, {
        changed: policy => {
          this.#current = policy
          log.info({ event: 'policy.changed', rules: policy.rules.length }, 'a new policy holds')
        },
        refused: failure => {
          const { code, detail } = failure
          log.error({ event: 'policy.refused', code, detail }, 'the old policy stays')
          alarms.notice({ failure, conversation: null, where: 'policy', why: detail })
        }
      }) ?? null
  }

  stop(): void {
    this.#end?.()
    this.#end = null
  }
}
