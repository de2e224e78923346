import { isFromOutside, isOrder } from '../../conversation/turn-event.ts'
import { type Failure, failure } from '../../kernel/failure.ts'
import type { Memory } from '../memory.ts'
import type { Cause, Planned } from '../planned.ts'

/**
 * What becomes of an event that nobody may decide now: it waits in the inbox for a process that can
 * read the record, or for the message that begins anew. Null when it may be decided.
 */
export function heldBack(
  { blocked, recovery }: Pick<Memory, 'blocked' | 'recovery'>,
  { event, fromInbox }: Cause
): Planned | null {
  const rung = recovery?.rung ?? 0
  // That a reply is refused is no reason to tell its member that something went wrong.
  const isLost =
    (rung === 4 && event.kind !== 'Inbound' && !fromInbox) ||
    (rung >= 3 && event.kind === 'ReplyRefused')
  const why = blocked?.why ?? (isLost ? 'unreadable' : null)
  if (why === null) return null
  // An operator who waits for an answer is told, and may ask again.
  if (fromInbox || !isFromOutside(event) || isOrder(event))
    return { tag: 'ignore', why: `the record is ${why}` }
  return { tag: 'defer', event, why }
}

/**
 * The event that meets the way back to the menu is no answer: it is parked, never decided. An
 * operator's order asks nothing of the state it meets, and where one holds it nothing is decided.
 */
export function metBy(
  { recovery, record }: Pick<Memory, 'recovery' | 'record'>,
  cause: Cause
): Cause {
  if (record?.meta.held !== undefined) return cause
  const { parked, event } = cause
  if (recovery === null || recovery.rung === 2 || parked !== null || isOrder(event)) return cause
  const why = failure('CHP_RECORD_CORRUPT', 'The event met a damaged record.')
  return { ...cause, parked: { how: 'recovery', why } }
}

/** What a person must know of a conversation that nobody here can go on with. */
export function troubleOf({
  blocked,
  recovery
}: Pick<Memory, 'blocked' | 'recovery'>): Failure | null {
  if (blocked !== null) return blocked.failure
  if (recovery?.rung !== 4) return null
  return failure('CHP_RECORD_CORRUPT', 'No stored record has a core that can be read.')
}
