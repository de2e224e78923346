import type { Receipt } from '../channel/channel.ts'
import type { Address } from '../conversation/address.ts'
import type { OperatorCommand, TurnEvent } from '../conversation/turn-event.ts'
import type { Cancel } from '../kernel/clock.ts'
import { whatWasThrown } from '../kernel/thrown.ts'
import type { Queued } from '../outbox/lane.ts'
import type { UndeliveredRow } from '../store/conversation-store.ts'
import { partitionOf } from '../store/identity.ts'
import { type Cell, type Envelope, type Errand, newCell, type Token } from './cell.ts'
import { noteSent } from './flush.ts'
import { type Supervisor, spawnActor, spawnSupervisor, startSystem, stop, tell } from './nact.ts'
import type { Parts } from './parts.ts'
import { noteRefused } from './refused-replies.ts'
import { afterCrash } from './supervise.ts'
import { takeHead } from './take-head.ts'
import { isRowNext } from './waiting.ts'

/** The live conversations: one actor each, under one supervisor per partition of the store. */
export class Conversations {
  readonly #parts: Parts
  readonly #cells = new Map<string, Cell>()
  readonly #root: Supervisor
  readonly #shards: Supervisor
  readonly #byPartition = new Map<number, Supervisor>()
  #queued = 0
  #heardMs = Number.NEGATIVE_INFINITY
  #idling: Cancel | null = null
  #stopped = false

  constructor(parts: Parts) {
    this.#parts = parts
    this.#root = startSystem('chaperone')
    this.#shards = spawnSupervisor(this.#root, 'shards')
  }

  /** Events and errands waiting or being taken. */
  get queued(): number {
    return this.#queued
  }

  /** Conversations with an actor. */
  get live(): number {
    return this.#cells.size
  }

  /** True while members, or the host, have said something within the last second. */
  get isTalking(): boolean {
    return this.#parts.clock.monotonicMs() - this.#heardMs < TALKING_MS
  }

  /** Acknowledgements that are not written yet. */
  get unflushed(): number {
    return this.#count(({ flush }) => flush !== null)
  }

  /** Conversations whose replies wait for those of another process. */
  get looking(): number {
    return this.#count(({ look }) => look !== null)
  }

  /** Takes the event's place in the mailbox at once; sheds when a bound is met. */
  offer(id: string, address: Address | null, event: TurnEvent): Promise<Receipt> {
    if (this.#stopped) return Promise.resolve(shedding('stopped'))
    // What is shed was said, too: sweeps step back most of all while too much is.
    this.#heardMs = this.#parts.clock.monotonicMs()
    if (this.#queued >= this.#parts.limits.queuedEvents) {
      return Promise.resolve(shedding('too many events queued'))
    }
    if (this.#parts.lag.isLate) return Promise.resolve(shedding('event loop late'))
    const away = this.#parts.gate.turnedAway(id)
    if (away !== null) return Promise.resolve({ tag: 'shed', ...away })
    const cell = this.#cell(id, address)
    if (cell.mailbox.isFull) return Promise.resolve(shedding('mailbox full'))
    return new Promise(resolve => {
      this.#queue(cell, event, resolve)
    })
  }

  /** An operator's command: taken before what waits, and never shed because too much does. */
  command(id: string, event: OperatorCommand): Promise<Receipt> {
    if (this.#stopped) return Promise.resolve(shedding('stopped'))
    const cell = this.#cell(id, null)
    return new Promise(resolve => {
      this.#queue(cell, event, resolve)
    })
  }

  /** Someone listens here: whatever is owed is offered as soon as it is this process's to send. */
  present(id: string): void {
    if (this.#stopped) return
    this.#parts.outbox.nudge(id)
    this.#cell(id, null).listening = true
    void this.push(id, 'wake')
  }

  /** Feeds an event or an errand of the runtime itself; resolves when it has ended. */
  push(id: string, work: TurnEvent | Errand): Promise<Receipt> {
    if (this.#stopped) return Promise.resolve(shedding('stopped'))
    const cell = this.#cell(id, null)
    const waiting = typeof work === 'string' ? cell.errands.get(work) : undefined
    if (waiting !== undefined) return waiting
    const ended = new Promise<Receipt>(resolve => {
      this.#queue(cell, work, resolve)
    })
    if (typeof work === 'string') cell.errands.set(work, ended)
    return ended
  }

  /** Notes that the channel took replies; written with the next commit, or soon by itself. */
  acknowledged(id: string, epoch: string, last: UndeliveredRow): void {
    if (!this.#stopped) noteSent(this.#parts, this.#cell(id, null), epoch, last)
  }

  /** Notes that the channel will never take a reply, before that is acknowledged. */
  refused(id: string, reply: Queued, why: string, code: string | null): void {
    if (!this.#stopped) noteRefused(this.#cell(id, null), reply, why, code)
  }

  /** Begins to write every acknowledgement that still waits. */
  flushAll(): void {
    // Pushing moves a cell to the end of the map, so they are picked before.
    const waiting = Array.from(this.#cells.values()).filter(({ flush }) => flush !== null)
    for (const { id } of waiting) void this.push(id, 'flush')
  }

  /** Stops every actor, leaves first; queued events are shed, unacknowledged. */
  stop(): void {
    this.#stopped = true
    this.#idling?.()
    for (const cell of this.#cells.values()) {
      this.#passivate(cell)
      for (const envelope of cell.mailbox.drain()) {
        envelope.settle(shedding('stopping'))
      }
    }
    for (const shard of this.#byPartition.values()) stop(shard)
    stop(this.#shards)
    stop(this.#root)
  }

  #queue(cell: Cell, work: TurnEvent | Errand, resolve: (receipt: Receipt) => void): void {
    const settle = (receipt: Receipt): void => {
      this.#queued -= 1
      resolve(receipt)
    }
    const sinceMs = this.#parts.clock.monotonicMs()
    const envelope: Envelope = { work, settle, sinceMs, fault: null }
    if (typeof work === 'object' && work.kind === 'OperatorCommand') cell.mailbox.overtake(envelope)
    else cell.mailbox.push(envelope)
    this.#queued += 1
    // Every event has its token; the mailbox is ours, so that no stop or crash can lose an event.
    if (cell.actor !== null) tell(cell.actor, 'take')
  }

  async #take(cell: Cell): Promise<void> {
    const work = cell.mailbox.head?.work
    // What is asked for from now on is not covered by a run that has begun.
    if (typeof work === 'string') cell.errands.delete(work)
    await takeHead(this.#parts, cell)
    // Eight rows a commit: the rest follows right after, behind what has arrived by then.
    const { memory } = cell
    if (typeof work === 'object' && memory !== null && isRowNext(memory)) {
      void this.push(cell.id, 'wake')
    }
  }

  #cell(id: string, address: Address | null): Cell {
    const known = this.#cells.get(id)
    if (known !== undefined) {
      known.address ??= address
      // Moves to the end: the map is in order of last use.
      this.#cells.delete(id)
      this.#cells.set(id, known)
      known.usedMs = this.#parts.clock.monotonicMs()
      return known
    }
    if (this.#cells.size >= this.#parts.limits.liveConversations) this.#passivateOldest()
    const cell = newCell(id, address, this.#parts.limits.mailboxEvents)
    cell.actor = spawnActor<Token>(
      this.#shard(id),
      id,
      () => this.#take(cell),
      async error => {
        await afterCrash(this.#parts, cell, error)
        if (cell.mailbox.length > 0 && cell.actor !== null) tell(cell.actor, 'take')
      },
      error => this.#unforeseen(cell, error)
    )
    cell.usedMs = this.#parts.clock.monotonicMs()
    this.#cells.set(id, cell)
    this.#idling ??= this.#parts.clock.after(this.#parts.limits.idleMs, () => this.#letIdleGo())
    return cell
  }

  /** Stops actors that nobody has asked for anything; the map is in order of last use. */
  #letIdleGo(): void {
    const { clock, limits } = this.#parts
    const idleSinceMs = clock.monotonicMs() - limits.idleMs
    let stopped = 0
    this.#idling = null
    for (const cell of this.#cells.values()) {
      if (cell.usedMs > idleSinceMs) break
      if (!isIdle(cell)) continue
      this.#passivate(cell)
      this.#cells.delete(cell.id)
      stopped += 1
    }
    if (stopped > 0) this.#parts.log.debug({ event: 'actors.idle', stopped }, 'idle actors stopped')
    if (this.#cells.size > 0 && !this.#stopped) {
      this.#idling = clock.after(limits.idleMs / IDLE_LOOKS, () => this.#letIdleGo())
    }
  }

  /** Supervision itself failed: the head is given back, so that nobody waits for ever. */
  #unforeseen(cell: Cell, error: unknown): void {
    const fields = { event: 'supervision.failed', conversation: cell.id, why: whatWasThrown(error) }
    this.#parts.log.error(fields, 'the event is shed')
    const { head } = cell.mailbox
    if (head !== undefined && cell.mailbox.settle(head)) head.settle(shedding('unforeseen failure'))
    if (cell.mailbox.length > 0 && cell.actor !== null) tell(cell.actor, 'take')
  }

  #shard(id: string): Supervisor {
    const partition = partitionOf(id)
    const known = this.#byPartition.get(partition)
    if (known !== undefined) return known
    const shard = spawnSupervisor(this.#shards, String(partition).padStart(3, '0'))
    this.#byPartition.set(partition, shard)
    return shard
  }

  #passivateOldest(): void {
    for (const cell of this.#cells.values()) {
      // Only an idle cell that knows nothing the store does not know may go.
      if (cell.mailbox.length > 0 || cell.flush !== null) continue
      this.#passivate(cell)
      this.#cells.delete(cell.id)
      return
    }
  }

  #passivate(cell: Cell): void {
    cell.flush?.()
    cell.look?.()
    if (cell.actor !== null) stop(cell.actor)
    cell.actor = null
  }

  #count(isCounted: (cell: Cell) => boolean): number {
    let count = 0
    for (const cell of this.#cells.values()) if (isCounted(cell)) count += 1
    return count
  }
}

const TALKING_MS = 1_000
/** Looks at who is idle, in one idle time. */
const IDLE_LOOKS = 4

// What only the cell knows must not go with it: replies that are sent and not yet acknowledged.
function isIdle({ mailbox, flush, look, sent, memory }: Cell): boolean {
  if (mailbox.length > 0 || flush !== null || look !== null) return false
  return sent.through === 0 || sent.through <= (memory?.acknowledgedThrough ?? 0)
}

function shedding(reason: string): Receipt {
  return { tag: 'shed', reason, retryAfterMs: 1_000 }
}
