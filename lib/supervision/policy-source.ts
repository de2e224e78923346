import type { Clock } from '../kernel/clock.ts'
import type { Failure } from '../kernel/failure.ts'
import type { Place, Policy } from './policy.ts'

/** Where a policy comes from that may change while a runtime runs. */
export interface PolicySource {
  /** The policy as it is now, whole or not at all; fails with `CHP_POLICY_INVALID`. */
  read(targets: ResetTargets): Policy
  /** Tells of every change from now on, until the returned function is called. */
  watch(clock: Clock, targets: ResetTargets, hears: PolicyHears): () => void
}

/** Who hears of changes. */
export interface PolicyHears {
  readonly changed: (policy: Policy) => void
  /** The new one is wrong; the old one stays. */
  readonly refused: (why: Failure) => void
}

/** A bot, as far as a policy may name its places. */
export interface ResetTargets {
  unresettable?(to: Place): string | null
}

/** True for what can be watched. */
export function isSource(policy: Partial<Policy> | PolicySource): policy is PolicySource {
  return 'watch' in policy && typeof policy.watch === 'function'
}
