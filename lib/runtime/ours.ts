import type { Program } from '../conversation/program.ts'
import { NEVER } from '../outbox/lane.ts'
import type { Parts } from './parts.ts'

/** Which process committed a row, and when by the store's clock. */
export interface Origin {
  readonly by: string
  readonly at: number
}

/** In place of a process that sends nothing: whoever finds the row looks after it. */
export const NOBODY = ''

/**
 * True when this process looks after the row: it committed it, or a former life of its name did.
 *
 * Two live processes may bear one name by mistake. What such a twin commits after we have started
 * is the twin's, so that no reply goes out twice and no call is made beside it.
 */
export function isOurs(
  { instance, process, startedAtMs }: Pick<Parts, 'instance' | 'process' | 'startedAtMs'>,
  { by, at }: Origin
): boolean {
  return by === NOBODY || by === process || (by.startsWith(`${instance}/`) && at < startedAtMs)
}

/**
 * Until when sends of this row may begin here without a word of the store, on the monotonic clock:
 * while the lease runs that its commit gave this process. What nobody committed gave none.
 */
export function ownUntil(
  parts: Pick<Parts, 'instance' | 'process' | 'startedAtMs' | 'clock' | 'time' | 'limits'>,
  row: Origin
): number {
  if (row.by === NOBODY || !isOurs(parts, row)) return NEVER
  const { clock, time, limits } = parts
  // An answer of the store that took long tells an earlier time than it is by then.
  const leftMs = Math.min(limits.leaseMs, row.at + limits.leaseMs - time.latestMs())
  return clock.monotonicMs() + leftMs
}

/** The process that makes these heads: its name and a nonce, without the counter. */
export function processOf(head: string): string {
  return head.slice(0, head.lastIndexOf('.'))
}

/** What a build is called that was given no name. */
export function buildOf({ name, schema }: Pick<Program, 'name' | 'schema'>): string {
  return `${name}/${schema}`
}
