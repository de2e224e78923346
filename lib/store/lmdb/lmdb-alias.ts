import { BOUNDS } from '../conversation-store.ts'
import { ALIAS, isAlias, readStanding } from '../standing.ts'
import { type KeptState, readState, stateOf, stateText } from './kept-state.ts'
import { type Desk, putState, stateAt } from './lmdb-conversation.ts'

/** Lets the id of the other desk lead to this conversation. */
export function setAliasAt(
  desk: Desk,
  epoch: string,
  alias: Desk
): 'done' | 'gone' | 'taken' | 'full' {
  if (desk.id === alias.id) return 'taken'
  const own = standingAt(desk)
  if (own === null || own.version === 0 || own.epoch !== epoch) return 'gone'
  const known = aliasesAt(desk)
  const isKnown = known.includes(alias.id)
  if (!isKnown && known.length >= BOUNDS.aliases) return 'full'
  const other = standingAt(alias)
  if (other !== null && !isFree(alias, other.version, desk.id)) return 'taken'
  covered(alias)
  putState(alias, stateOf(ALIAS))
  alias.shelf.put(alias.own.leadsTo, `${desk.id}:${epoch}`)
  if (!isKnown) desk.shelf.put(desk.own.aliases, [...known, alias.id].join())
  return 'done'
}

/** Lets the id of the other desk lead nowhere again. */
export function removeAliasAt(desk: Desk, alias: Desk): 'done' | 'gone' {
  const left = aliasesAt(desk).filter(id => id !== alias.id)
  if (left.length > 0) desk.shelf.put(desk.own.aliases, left.join())
  else desk.shelf.remove(desk.own.aliases)
  if (targetAt(alias) !== desk.id) return 'gone'
  uncovered(alias)
  return 'done'
}

/** Removes what leads to this incarnation of a conversation. */
export function dropAliases(desk: Desk, epoch: string): void {
  const { shelf, keys, own, id } = desk
  for (const alias of aliasesAt(desk)) {
    const other = { ...desk, id: alias, own: keys.conversation(alias) }
    if (shelf.get(other.own.leadsTo) === `${id}:${epoch}`) uncovered(other)
  }
  shelf.remove(own.aliases)
}

/** The tombstone beneath an alias, or null. */
export function beneathAt({ shelf, own }: Desk): KeptState | null {
  const text = shelf.get(own.beneath)
  return text === undefined ? null : readState(text)
}

/** The conversation this id leads to, or null. */
export function targetAt({ shelf, own }: Desk): string | null {
  return shelf.get(own.leadsTo)?.split(':', 1)[0] ?? null
}

function aliasesAt({ shelf, own }: Desk): readonly string[] {
  return shelf.get(own.aliases)?.split(',') ?? []
}

function standingAt(desk: Desk) {
  const kept = stateAt(desk)
  return kept === null ? null : readStanding(kept.standing)
}

// A tombstone is covered, and so is what leads to the same conversation already.
function isFree(alias: Desk, version: number, id: string): boolean {
  const standing = standingAt(alias)
  if (standing !== null && isAlias(standing)) return targetAt(alias) === id
  return version === 0
}

// Whoever links and unlinks must not make a tombstone forget what was taken there.
function covered(alias: Desk): void {
  const kept = stateAt(alias)
  if (kept === null) cleared(alias)
  else if (targetAt(alias) === null) alias.shelf.put(alias.own.beneath, stateText(kept))
}

function uncovered(alias: Desk): void {
  const tombstone = beneathAt(alias)
  if (tombstone === null || tombstone.untilMs <= alias.nowMs) {
    cleared(alias)
    return
  }
  putState(alias, tombstone)
  alias.shelf.remove(alias.own.leadsTo)
  alias.shelf.remove(alias.own.beneath)
}

function cleared({ shelf, own }: Desk): void {
  for (let number = 0; number < BOUNDS.dedupeBuckets; number += 1) {
    shelf.remove(own.bucket(number))
  }
  shelf.remove(own.leadsTo)
  shelf.remove(own.beneath)
  shelf.remove(own.state)
}
