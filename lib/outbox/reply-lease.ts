import type { Channel } from '../channel/channel.ts'
import type { Millis } from '../kernel/clock.ts'

interface LeaseLimits {
  readonly leaseMs: number
  readonly acknowledgeWithinMs: number
}

/**
 * Longest from the beginning of a send until everybody can know of it: its time limit, then the
 * write of its acknowledgement.
 */
export function sendMs(
  { acknowledgeWithinMs }: Pick<LeaseLimits, 'acknowledgeWithinMs'>,
  channel: Pick<Channel, 'sendTimeoutMs'> | undefined
): Millis {
  return (channel?.sendTimeoutMs ?? 0) + 2 * acknowledgeWithinMs
}

/**
 * How long a reply is one process's alone, from its commit or from a hold on. Sends begin within
 * `leaseMs` of that; what is left outlasts the last of them.
 */
export function replyLeaseMs(
  limits: LeaseLimits,
  channel: Pick<Channel, 'sendTimeoutMs'> | undefined
): Millis {
  return limits.leaseMs + sendMs(limits, channel)
}
