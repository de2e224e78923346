import { inboxRowOf } from '../commit-plan.ts'
import { BOUNDS, type HistoryRow, type InboxRow, type Loaded } from '../conversation-store.ts'
import {
  callKeyOf,
  fenceOf,
  isAlias,
  readStanding,
  replyField,
  type Standing,
  tombstone
} from '../standing.ts'
import { type KeptState, stateOf } from './kept-state.ts'
import { beneathAt, dropAliases, targetAt } from './lmdb-alias.ts'
import { type Desk, putState, stateAt, woken } from './lmdb-conversation.ts'
import { relisted } from './relisted.ts'

const NOTHING = {
  fence: null,
  record: null,
  effectAt: 0,
  calls: [],
  inbox: [],
  undelivered: [],
  acknowledgedThrough: 0,
  dueMs: null,
  newestHead: null,
  aliasOf: null
} as const

/** Everything a conversation needs to go on. */
export function loadAt(desk: Desk): Loaded {
  const { shelf, own, nowMs } = desk
  const kept = stateAt(desk)
  if (kept === null) return { ...NOTHING, nowMs }
  const standing = readStanding(kept.standing)
  if (isAlias(standing)) return { ...NOTHING, aliasOf: targetAt(desk), nowMs }
  const fence = fenceOf(standing, kept)
  if (standing.version === 0) return { ...NOTHING, fence, nowMs }
  const { acknowledgedThrough, dueMs } = kept
  const { outNext } = standing
  return {
    fence,
    record: shelf.get(own.field(`r${standing.slot}`)) ?? null,
    effectAt: standing.effectAt,
    calls: standing.calls.map(call => ({
      key: callKeyOf(call),
      row: shelf.get(own.field(`c${call}`)) ?? ''
    })),
    inbox: inboxAt(desk, standing),
    undelivered: numbers(acknowledgedThrough + 1, outNext).map(sequence => ({
      sequence,
      row: shelf.get(own.field(replyField(standing, sequence))) ?? ''
    })),
    acknowledgedThrough,
    dueMs,
    newestHead: historyAt(desk, 1)[0]?.head ?? null,
    aliasOf: null,
    nowMs
  }
}

/** History rows, the newest first. */
export function historyAt(desk: Desk, limit: number): HistoryRow[] {
  const kept = stateAt(desk)
  if (kept === null) return []
  const { version } = readStanding(kept.standing)
  const first = Math.max(kept.historyFirst, version - limit + 1)
  return numbers(first, version + 1)
    .toReversed()
    .map(at => {
      const text = desk.shelf.get(desk.own.history(at)) ?? ''
      const space = text.indexOf(' ')
      return { head: text.slice(0, space), row: text.slice(space + 1) }
    })
}

/** Raw texts of the record slots, the newest first. */
export function slotsAt(desk: Desk): string[] {
  return slotFieldsAt(desk).map(key => desk.shelf.get(key) ?? '')
}

/** Keys of the record slots that hold something, the newest first. */
export function slotFieldsAt(desk: Desk): string[] {
  const kept = stateAt(desk)
  if (kept === null) return []
  const { slot } = readStanding(kept.standing)
  return [slot, 1 - slot]
    .map(number => desk.own.field(`r${number}`))
    .filter(key => desk.shelf.get(key) !== undefined)
}

/** Parked rows, the oldest first. */
export function parkedAt(desk: Desk): string[] {
  const kept = stateAt(desk)
  if (kept === null) return []
  return numbers(kept.parkedFirst, kept.parkedNext).map(
    number => desk.shelf.get(desk.own.parked(number)) ?? ''
  )
}

/** Erases all but the dedupe window and leaves a tombstone. */
export function eraseAt(desk: Desk, epoch: string, tombstoneEpoch: string): 'erased' | 'gone' {
  const kept = stateAt(desk)
  const standing = kept === null ? null : readStanding(kept.standing)
  const left = beneathAt(desk) ?? kept
  if (left !== null && readStanding(left.standing).epoch === tombstoneEpoch) return 'erased'
  if (kept === null || standing?.epoch !== epoch) return 'gone'
  removeRows(desk, kept, standing)
  woken(desk, kept, null)
  const untilMs = desk.nowMs + BOUNDS.tombstoneMs
  putState(desk, { ...stateOf(tombstone(tombstoneEpoch)), untilMs })
  return 'erased'
}

function removeRows(desk: Desk, kept: KeptState, standing: Standing): void {
  const { shelf, own } = desk
  const fields = [
    'r0',
    'r1',
    ...standing.calls.map(call => `c${call}`),
    ...numbers(standing.inFirst, standing.inNext).map(at => `i${at}`),
    ...numbers(kept.acknowledgedThrough + 1, standing.outNext).map(at => replyField(standing, at))
  ]
  for (const field of fields) shelf.remove(own.field(field))
  shelf.remove(own.hold)
  for (const at of numbers(kept.historyFirst, standing.version + 1)) shelf.remove(own.history(at))
  for (const at of numbers(kept.parkedFirst, kept.parkedNext)) shelf.remove(own.parked(at))
  relisted(desk, 'index', kept.minute, null)
  relisted(desk, 'parked', kept.parkedMinute, null)
  relisted(desk, 'held', kept.heldMinute, null)
  dropAliases(desk, standing.epoch)
}

function inboxAt({ shelf, own }: Desk, { inFirst, inNext }: Standing): InboxRow[] {
  return numbers(inFirst, inNext).map(at => inboxRowOf(shelf.get(own.field(`i${at}`)) ?? ''))
}

function numbers(first: number, end: number): number[] {
  return Array.from({ length: Math.max(0, end - first) }, (_, at) => first + at)
}
