import type { At } from '../conversation/decision.ts'
import type { TurnEvent } from '../conversation/turn-event.ts'
import type { Parts } from './parts.ts'

/** The names under which a turn will be committed. */
export interface Naming {
  readonly epoch: string
  readonly version: number
  readonly head: string
}

/** The instant of the `ordinal`-th decision of a turn. */
export function instantOf(
  { time }: Pick<Parts, 'time'>,
  event: TurnEvent,
  { epoch, version, head }: Naming,
  ordinal: number
): At {
  // Prompt instances of one commit stay apart although it may hold several decisions.
  const base = head.slice(head.indexOf('/') + 1).replace('.', '-')
  const nonce = ordinal === 0 ? base : `${base}-${ordinal}`
  return { nowMs: time.nowMs(), seed: seedOf(event.id), commit: { epoch, version, nonce } }
}

/** A number from an event id (FNV-1a), so that the same event draws the same numbers. */
function seedOf(id: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < id.length; i += 1) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193)
  return hash >>> 0
}
