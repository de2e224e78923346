import type { Receipt } from '../channel/channel.ts'
import type { Address } from '../conversation/address.ts'
import type { OutsideEvent } from '../conversation/turn-event.ts'
import { pause } from '../kernel/clock.ts'
import { fail, failure } from '../kernel/failure.ts'
import { fullJitterMs } from '../kernel/random.ts'
import type { CommitOutcome, DeferOutcome, Loaded } from '../store/conversation-store.ts'
import { fingerprint } from '../store/identity.ts'
import type { Cell } from './cell.ts'
import { commitOf } from './commit-of.ts'
import { landed, receiptOfDuplicate } from './landed.ts'
import { type Memory, memoryOf } from './memory.ts'
import type { Parts } from './parts.ts'
import { type Cause, type Naming, type Plan, planTurn, TurnDefect } from './plan.ts'
import { inboxRow } from './rows.ts'
import { patiently } from './store-patience.ts'

const CONFLICT_BACKOFF = { initialMs: 2, maxMs: 50, factor: 2 }

/**
 * Takes one event to its end: load, decide, commit, answer.
 *
 * Throws `TurnDefect` for a bug of the bot. Fails with `CHP_STORE_UNAVAILABLE`,
 * `CHP_STORE_REFUSED` or `CHP_STORE_CONTENDED` when the turn's deadline passed: the event then
 * stays unacknowledged.
 */
export async function takeEvent(parts: Parts, cell: Cell, cause: Cause): Promise<Receipt> {
  const deadlineMs = deadlineOf(parts)
  for (let conflicts = 0; ; conflicts += 1) {
    if (conflicts > 0) await yieldToWinner(parts, conflicts, deadlineMs)
    const memory = await remember(parts, cell, deadlineMs)
    const receipt = await tryOnce(parts, cell, memory, cause, deadlineMs)
    if (receipt !== null) return receipt
  }
}

/** When a turn that begins now gives the store up, on the monotonic clock. */
export function deadlineOf({ clock, limits }: Pick<Parts, 'clock' | 'limits'>): number {
  return clock.monotonicMs() + limits.turnMs
}

/** The actor's memory: what it has, or what one load gives. */
export async function remember(parts: Parts, cell: Cell, deadlineMs: number): Promise<Memory> {
  if (cell.memory !== null) return cell.memory
  const loaded = await patiently(parts, deadlineMs, () => parts.store.load(cell.id))
  parts.time.learn(loaded.nowMs)
  if (rolledBack(loaded)) tellRollback(parts, cell)
  const memory = memoryOf(parts.program, parts.ring, cell.id, loaded)
  cell.memory = memory
  cell.address ??= memory.record?.core.channel ?? null
  return memory
}

/** One decision and one commit; null when another commit came first and nothing was written. */
async function tryOnce(
  parts: Parts,
  cell: Cell,
  memory: Memory,
  cause: Cause,
  deadlineMs: number
): Promise<Receipt | null> {
  const { address } = cell
  if (address === null) return { tag: 'shed', reason: 'address unknown', retryAfterMs: 0 }
  const naming: Naming = {
    epoch: memory.fence?.epoch ?? parts.newEpoch(),
    version: (memory.fence?.version ?? 0) + 1,
    head: parts.nextHead()
  }
  const planned = planTurn(parts, cell.id, address, memory, cause, naming)
  if (planned.tag === 'ignore') {
    return { tag: 'committed', version: naming.version - 1, replies: [] }
  }
  if (planned.tag === 'defer') {
    const outcome = await deferEvent(parts, cell, address, naming, planned.event, deadlineMs)
    return outcome.tag === 'committed'
      ? { tag: 'deferred' }
      : notCommitted(parts, cell, memory, cause, outcome, deadlineMs)
  }
  return commitPlan(parts, cell, address, memory, { cause, naming, plan: planned.plan }, deadlineMs)
}

async function commitPlan(
  parts: Parts,
  cell: Cell,
  address: Address,
  memory: Memory,
  { cause, naming, plan }: { cause: Cause; naming: Naming; plan: Plan },
  deadlineMs: number
): Promise<Receipt | null> {
  const through = cell.sent.epoch === naming.epoch ? cell.sent.through : 0
  const place = { conversation: cell.id, address }
  const ready = commitOf(parts, place, memory, cause, naming, plan, through)
  const commit = (): Promise<CommitOutcome> => parts.store.commit(cell.id, ready.commit)
  const outcome = await patiently(parts, deadlineMs, commit)
  if (outcome.tag === 'committed') return landed(parts, cell, memory, plan, ready, outcome)
  return notCommitted(parts, cell, memory, cause, outcome, deadlineMs)
}

async function deferEvent(
  parts: Parts,
  cell: Cell,
  address: Address,
  { epoch, head }: Naming,
  event: OutsideEvent,
  deadlineMs: number
): Promise<DeferOutcome> {
  const row = inboxRow(parts.ring, { conversation: cell.id, epoch }, event)
  const deferral = {
    epoch,
    head,
    fingerprint: fingerprint(address, event.id),
    row: { why: 'call' as const, row },
    history: JSON.stringify({ deferred: { kind: event.kind, id: event.id }, why: 'call' }),
    dueMs: null
  }
  const outcome = await patiently(parts, deadlineMs, () => parts.store.defer(cell.id, deferral))
  // The fence has moved on without the record: what is remembered is one version old.
  cell.memory = null
  return outcome
}

type Missed = Exclude<CommitOutcome, { tag: 'committed' }> | { readonly tag: 'conflict' }

/** What a commit that did not land means; null to load and decide again. */
async function notCommitted(
  parts: Parts,
  cell: Cell,
  memory: Memory,
  { event }: Cause,
  outcome: Missed,
  deadlineMs: number
): Promise<Receipt | null> {
  switch (outcome.tag) {
    case 'duplicate':
      cell.memory = null
      return receiptOfDuplicate(parts, cell, await remember(parts, cell, deadlineMs), event)
    case 'full':
      return { tag: 'shed', reason: `full: ${outcome.what}`, retryAfterMs: 1_000 }
    case 'oversize': {
      const detail = `The next record has ${outcome.bytes} bytes.`
      throw new TurnDefect(failure('CHP_RECORD_OVERSIZE', detail), event)
    }
    case 'conflict':
      if ('version' in outcome && isRollback(memory, outcome)) tellRollback(parts, cell)
      cell.memory = null
      return null
    case 'gone':
      cell.memory = null
      return null
  }
}

/** Lets the process that came first go on; after some conflicts in a row, longer. */
async function yieldToWinner(parts: Parts, conflicts: number, deadlineMs: number): Promise<void> {
  const { clock, random, limits, log } = parts
  const extra = conflicts > limits.conflicts ? 4 : 1
  const pauseMs = extra * fullJitterMs(random, CONFLICT_BACKOFF, conflicts - 1)
  if (clock.monotonicMs() + pauseMs >= deadlineMs) {
    const detail = `${conflicts} conflicts in a row.`
    fail('CHP_STORE_CONTENDED', detail)
  }
  log.debug({ event: 'commit.conflict', conflicts }, 'another commit came first')
  await pause(clock, pauseMs)
}

function rolledBack({ fence, newestHead }: Loaded): boolean {
  return fence !== null && fence.version > 0 && newestHead !== null && newestHead !== fence.head
}

function isRollback({ fence }: Memory, outcome: Extract<CommitOutcome, { tag: 'conflict' }>) {
  if (fence === null || fence.version === 0) return false
  if (outcome.version < fence.version) return true
  return outcome.ancestor !== null && outcome.ancestor !== fence.head
}

/** Says once per conversation that the store holds less than this process saw committed. */
function tellRollback(parts: Parts, cell: Cell): void {
  if (cell.rollbackTold) return
  cell.rollbackTold = true
  parts.log.error({ event: 'store.rollback', conversation: cell.id }, 'the store rolled back')
  parts.listeners.emit('rollback', { conversation: cell.id })
}
