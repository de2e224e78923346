import type { Receipt } from '../channel/channel.ts'
import type { Address } from '../conversation/address.ts'
import { attachedCall } from '../conversation/record.ts'
import { isFromOutside, isOrder } from '../conversation/turn-event.ts'
import { ChaperoneError, failure } from '../kernel/failure.ts'
import type { CommitOutcome, DeferOutcome } from '../store/conversation-store.ts'
import { fingerprint } from '../store/identity.ts'
import { acknowledging } from './acknowledging.ts'
import { type Cell, saw } from './cell.ts'
import { commitOf, type Ready } from './commit-of.ts'
import { deferredRow } from './history-row.ts'
import type { Naming } from './instant.ts'
import { landed, receiptOfDuplicate } from './landed.ts'
import { ofLostBranch } from './lost-branch.ts'
import { type Memory, memoryOf } from './memory.ts'
import { mayBeOvertaken } from './overtaken.ts'
import type { Parts } from './parts.ts'
import { planTurn } from './plan.ts'
import type { Cause, Plan, Planned } from './planned.ts'
import { heldBack, metBy, troubleOf } from './recovery/held-back.ts'
import { tellSetAside } from './recovery/set-aside.ts'
import { tellRecovered } from './recovery/tell-recovered.ts'
import { isBehind, isRollback, isTorn, rolledBack } from './rolled-back.ts'
import { inboxRow } from './rows.ts'
import { runNoted, watched } from './run-noted.ts'
import { shedFull } from './shed-full.ts'
import { tellTrouble } from './tell-trouble.ts'
import { TurnDefect } from './turn-defect.ts'
import { makeRoom } from './unkept-replies.ts'
import { isRowNext } from './waiting.ts'
import { yieldToWinner } from './yield-to-winner.ts'

/** Why an event that was handed on by an alias is not taken, and not by its own address either. */
const NOTHING_THERE = 'nothing is stored there'
const ADDRESS_UNKNOWN = 'address unknown'

/** True when nobody is there to take the event, now or later. */
export function isNobodys({ reason }: Extract<Receipt, { tag: 'shed' }>): boolean {
  return reason === NOTHING_THERE || reason === ADDRESS_UNKNOWN
}

/** One attempt at a turn. */
interface Attempt {
  readonly cell: Cell
  readonly address: Address
  readonly memory: Memory
  readonly cause: Cause
  readonly naming: Naming
  readonly deadlineMs: number
  readonly rowsMost: number
}

/** Conflicts met in a row, counted over all that one place in a mailbox leads to. */
export interface Losses {
  inARow: number
}

/** Why an attempt wrote nothing and is made again: on fresher state, or without waiting rows. */
type Again = 'conflict' | 'alone'

/**
 * Takes one event to its end: load, decide, commit, answer. Null when the inbox is not what it was:
 * a row has become free and comes first, or another process has taken the row this is about.
 *
 * Throws `TurnDefect` for a bug of the bot. Fails with `CHP_STORE_UNAVAILABLE`,
 * `CHP_STORE_REFUSED` when the turn's deadline passed, and with `CHP_STORE_CONTENDED` after more
 * conflicts in a row than a turn may meet: the event then stays unacknowledged.
 */
export async function takeEvent(
  parts: Parts,
  cell: Cell,
  cause: Cause,
  losses: Losses = { inARow: 0 }
): Promise<Receipt | null> {
  const deadlineMs = deadlineOf(parts)
  let rowsMost = parts.limits.inboxRowsPerCommit
  if (mayBeOvertaken(cause.event)) cell.memory = null
  for (;;) {
    const memory = await remember(parts, cell, deadlineMs)
    if (memory.aliasOf !== null) {
      const receipt = await parts.forward(memory.aliasOf, cause.event)
      if (receipt.tag !== 'shed' || receipt.reason !== NOTHING_THERE) return receipt
      await unlinked(parts, cell, memory.aliasOf, deadlineMs)
      cell.memory = null
      continue
    }
    if (!cause.fromInbox && !isOrder(cause.event) && isRowNext(memory)) return null
    const receipt = await attempted(parts, cell, memory, cause, { deadlineMs, rowsMost })
    if (receipt === 'alone') {
      rowsMost = 0
      continue
    }
    if (receipt !== 'conflict') {
      losses.inARow = 0
      return receipt
    }
    losses.inARow += 1
    await yieldToWinner(parts, cell, memory, losses.inARow)
    if (cause.fromInbox) return null
  }
}

/** What this id leads to is lost: the address has a conversation of its own again. */
async function unlinked(
  { gate, store, log }: Parts,
  { id: conversation }: Cell,
  target: string,
  deadlineMs: number
): Promise<void> {
  log.warn({ event: 'alias.dropped', conversation, target }, 'nothing is stored where it leads')
  await gate.patiently(conversation, deadlineMs, () => store.removeAlias(target, conversation))
}

/** When a turn that begins now gives the store up, on the monotonic clock. */
export function deadlineOf({ clock, limits }: Pick<Parts, 'clock' | 'limits'>): number {
  return clock.monotonicMs() + limits.turnMs
}

/** The actor's memory: what it has, or what one load gives. */
export async function remember(parts: Parts, cell: Cell, deadlineMs: number): Promise<Memory> {
  const { memory: known } = cell
  if (known !== null && !isOutdated(cell, known)) return known
  const askedMs = parts.clock.monotonicMs()
  const loaded = await parts.gate.patiently(cell.id, deadlineMs, () => parts.store.load(cell.id))
  parts.time.learn(loaded.nowMs, askedMs)
  const isHere = loaded.aliasOf === null
  if (isHere && (isTorn(loaded) || isBehind(cell, loaded))) rolledBack(parts, cell)
  saw(cell, loaded.fence, loaded.nowMs)
  const place = { conversation: cell.id, address: cell.address }
  const memory = await memoryOf(parts, place, loaded, {
    older: () => parts.gate.patiently(cell.id, deadlineMs, () => parts.store.recoverable(cell.id)),
    parked: () => parts.gate.patiently(cell.id, deadlineMs, () => parts.store.parked(cell.id))
  })
  const { fence, undelivered: rows } = memory
  // What waits here to be sent is of a branch that others have come further than meanwhile.
  if (fence !== null && parts.outbox.isOther(cell.id, { epoch: fence.epoch, rows })) {
    rolledBack(parts, cell)
  }
  cell.address ??= memory.record?.core.channel ?? null
  cell.memory = memory
  const trouble = troubleOf(memory)
  if (trouble !== null) tellTrouble(parts, cell, new ChaperoneError(trouble))
  return memory
}

// Bytes that nothing vouches for are believed only when they name whom an event is from.
function isOutdated({ address }: Cell, { recovery }: Memory): boolean {
  return recovery?.rung === 4 && !recovery.addressed && address !== null
}

/** One decision and one commit. */
async function attempted(
  parts: Parts,
  cell: Cell,
  memory: Memory,
  given: Cause,
  limits: Pick<Attempt, 'deadlineMs' | 'rowsMost'>
): Promise<Receipt | Again> {
  const cause = metBy(memory, given)
  const { address } = cell
  if (address === null) {
    const isNothing = memory.fence === null || memory.fence.version === 0
    const reason = isNothing ? NOTHING_THERE : ADDRESS_UNKNOWN
    return { tag: 'shed', reason, retryAfterMs: 1_000 }
  }
  const lost = await ofLostBranch(parts, cell, memory, cause.event, limits.deadlineMs)
  if (lost !== null) return ignored(parts, cell, cause, lost, memory.fence?.version ?? 0)
  const naming: Naming = {
    epoch: memory.fence?.epoch ?? parts.newEpoch(),
    version: (memory.fence?.version ?? 0) + 1,
    head: parts.nextHead()
  }
  const place = { conversation: cell.id, address }
  // What is run as one cannot be told apart when it ends the process.
  const isNoted = parts.caution.isCautious
  const rowsMost = isNoted ? 0 : limits.rowsMost
  const plan = (): Planned =>
    heldBack(memory, cause) ?? planTurn(parts, place, memory, cause, naming, rowsMost)
  const run = (): Planned =>
    parts.watchdog?.around(watched(cell.id, memory.record, cause), plan) ?? plan()
  const planned = isNoted ? await runNoted(parts, cell, cause, limits.deadlineMs, run) : run()
  const attempt = { cell, address, memory, cause, naming, ...limits }
  if (planned.tag === 'ignore') return ignored(parts, cell, cause, planned.why, naming.version - 1)
  if (planned.tag === 'defer') return deferred(parts, attempt, planned)
  const append = isOrder(cause.event) ? null : planned.plan.append
  if (append !== null && isToldAlready(cell, memory)) {
    return deferred(parts, attempt, { event: append, why: 'call' })
  }
  return committed(parts, attempt, planned.plan)
}

/** What means nothing leaves no trace; a sender from outside is told so. */
function ignored(
  { log }: Parts,
  { id: conversation }: Cell,
  { event }: Cause,
  why: string,
  version: number
): Receipt {
  const { kind } = event
  if (!isFromOutside(event)) return { tag: 'committed', version, replies: [] }
  log.warn({ event: 'event.ignored', conversation, kind, why }, 'an event means nothing')
  return { tag: 'ignored', why }
}

async function committed(parts: Parts, attempt: Attempt, plan: Plan): Promise<Receipt | Again> {
  const { cell, memory, cause, deadlineMs } = attempt
  if (cell.refused.length > 0) await makeRoom(parts, cell, memory, deadlineMs)
  const ready = readyOrAlone(parts, attempt, plan)
  if (ready === 'alone') return ready
  const commit = (): Promise<CommitOutcome> => parts.store.commit(cell.id, ready.commit)
  const outcome = await parts.gate.patiently(cell.id, deadlineMs, commit)
  if (outcome.tag === 'committed') {
    if (memory.recovery !== null) {
      tellRecovered(parts, cell, memory.recovery, outcome.fence.version)
    }
    tellSetAside(parts, cell, ready.setAside, outcome.fence.version)
    if (plan.append !== null && !isOrder(cause.event))
      cell.progressTold = attachedCall(plan.next)?.key ?? null
    return landed(parts, cell, memory, cause, plan, ready, outcome)
  }
  const tooMuch = outcome.tag === 'full' || outcome.tag === 'oversize'
  return tooMuch && plan.steps.length > 1 ? 'alone' : missed(parts, attempt, outcome)
}

/** The commit; rows that spoil it are left for turns of their own, whoever they come with. */
function readyOrAlone(parts: Parts, attempt: Attempt, plan: Plan): Ready | 'alone' {
  const { cell, address, memory, cause, naming } = attempt
  const place = { conversation: cell.id, address }
  try {
    const done = acknowledging(parts, cell, memory, cause, naming.epoch)
    return commitOf(parts, place, memory, cause, naming, plan, done)
  } catch (error) {
    if (error instanceof TurnDefect && plan.steps.length > 1) return 'alone'
    throw error
  }
}

async function deferred(
  parts: Parts,
  attempt: Attempt,
  { event, why }: Omit<Extract<Planned, { tag: 'defer' }>, 'tag'>
): Promise<Receipt | Again> {
  const { cell, address, naming, deadlineMs } = attempt
  const { epoch, head } = naming
  const row = inboxRow(parts.ring, { conversation: cell.id, epoch }, event)
  const deferral = {
    epoch,
    head,
    fingerprint: fingerprint(address, event.id),
    row: { why, row },
    history: deferredRow(event, why, parts.time.nowMs()),
    // The call may have been settled by another process since: then only a sweep finds the row.
    dueMs: parts.time.nowMs() + parts.limits.leaseMs
  }
  const defer = (): Promise<DeferOutcome> => parts.store.defer(cell.id, deferral)
  const outcome = await parts.gate.patiently(cell.id, deadlineMs, defer)
  // The fence has moved on without the record: what is remembered is one version old.
  cell.memory = null
  if (outcome.tag !== 'committed') return missed(parts, attempt, outcome)
  const { seen } = cell
  if (seen?.epoch === epoch && outcome.version <= seen.version) rolledBack(parts, cell)
  saw(cell, { epoch, version: outcome.version, head }, parts.time.nowMs())
  return { tag: 'deferred' }
}

// Said once per call and process: what waits is answered when the call has ended.
function isToldAlready({ progressTold }: Cell, { record }: Memory): boolean {
  if (progressTold === null || record === null || record.meta.held !== undefined) return false
  return attachedCall(record)?.key === progressTold
}

type Missed = Exclude<CommitOutcome, { tag: 'committed' }> | { readonly tag: 'conflict' }

/** What a commit that did not land means. */
async function missed(
  parts: Parts,
  { cell, memory, cause, deadlineMs }: Attempt,
  outcome: Missed
): Promise<Receipt | Again> {
  const { event } = cause
  switch (outcome.tag) {
    case 'duplicate':
      cell.memory = null
      return receiptOfDuplicate(parts, cell, await remember(parts, cell, deadlineMs), event)
    case 'full':
      return shedFull(parts, outcome)
    case 'oversize': {
      const detail = `The next record has ${outcome.bytes} bytes.`
      throw new TurnDefect(failure('CHP_RECORD_OVERSIZE', detail), event)
    }
    case 'conflict':
      if ('version' in outcome && isRollback(memory, outcome)) rolledBack(parts, cell)
      cell.memory = null
      return 'conflict'
    case 'gone':
      cell.memory = null
      return 'conflict'
  }
}
