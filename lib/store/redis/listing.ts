import { fail } from '../../kernel/failure.ts'
import type { Listing, ListName } from '../conversation-store.ts'
import type { RedisKeys } from './keys.ts'
import type { Partly } from './partly.ts'
import { list, type Position } from './scripts/list.ts'
import type { RunScript } from './scripts/script.ts'

/** What a list reads from. */
export interface ListingParts {
  readonly run: RunScript
  readonly keys: RedisKeys
  readonly partly: Partly
}

/** A page of one list of conversations: the newest of every partition, merged. */
export async function listed(
  { run, keys: { partitions }, partly }: ListingParts,
  name: ListName,
  cursor: string | null,
  limit: number
): Promise<Listing> {
  const after = cursor === null ? null : positionOf(cursor)
  const pages = await partly.all(
    partitions.map(async partition => list(run, partition[name], after, limit + 1))
  )
  const rows = pages.flat().toSorted(newestFirst)
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return {
    ids: page.map(({ id }) => id),
    cursor: rows.length > limit && last !== undefined ? `${last.minute}.${last.id}` : null
  }
}

function newestFirst(one: Position, other: Position): number {
  return other.minute - one.minute || (one.id < other.id ? 1 : -1)
}

function positionOf(cursor: string): Position {
  const [, minute, id] = /^(\d+)\.([A-Za-z0-9_-]+)$/.exec(cursor) ?? []
  return minute === undefined || id === undefined
    ? fail('CHP_INPUT_INVALID', 'The cursor of a list must be one that a list gave.')
    : { minute: Number(minute), id }
}
