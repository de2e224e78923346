import type { Receipt } from '../channel/channel.ts'
import type { Address } from '../conversation/address.ts'
import type { TurnEvent } from '../conversation/turn-event.ts'
import { failureOf } from '../kernel/failure.ts'
import { partitionOf } from '../store/identity.ts'
import { type Cell, newCell, newEnvelope, type Token } from './cell.ts'
import { type Supervisor, spawnActor, spawnSupervisor, startSystem, stop, tell } from './nact.ts'
import type { Parts } from './parts.ts'
import { afterCrash, takeHead } from './take-head.ts'

/** The live conversations: one actor each, under one supervisor per partition of the store. */
export class Conversations {
  readonly #parts: Parts
  readonly #cells = new Map<string, Cell>()
  readonly #root: Supervisor
  readonly #shards: Supervisor
  readonly #byPartition = new Map<number, Supervisor>()
  #queued = 0

  constructor(parts: Parts) {
    this.#parts = parts
    this.#root = startSystem('chaperone')
    this.#shards = spawnSupervisor(this.#root, 'shards')
  }

  /** Events waiting or being taken. */
  get queued(): number {
    return this.#queued
  }

  get live(): number {
    return this.#cells.size
  }

  /** Acknowledgements that no commit has carried yet. */
  get unflushed(): number {
    let count = 0
    for (const { flush } of this.#cells.values()) if (flush !== null) count += 1
    return count
  }

  /** Takes the event's place in the mailbox at once; sheds when a bound is met. */
  offer(id: string, address: Address, event: TurnEvent): Promise<Receipt> {
    const { limits } = this.#parts
    if (this.#queued >= limits.queuedEvents) return shed('too many events queued')
    const cell = this.#cell(id, address)
    return new Promise(resolve => {
      const envelope = newEnvelope(event, receipt => this.#ended(resolve, receipt))
      if (!cell.mailbox.offer(envelope)) {
        resolve({ tag: 'shed', reason: 'mailbox full', retryAfterMs: 1_000 })
        return
      }
      this.#take(cell)
    })
  }

  /** Feeds an event of the runtime itself; without one the actor looks at what is due. */
  push(id: string, event: TurnEvent | null): Promise<void> {
    const cell = this.#cell(id, null)
    return new Promise(resolve => {
      cell.mailbox.push(newEnvelope(event, () => this.#ended(() => resolve(), null)))
      this.#take(cell)
    })
  }

  /** Notes that the channel took replies; written with the next commit, or soon by itself. */
  acknowledged(id: string, epoch: string, through: number): void {
    const cell = this.#cell(id, null)
    if (cell.sent.epoch === epoch && cell.sent.through >= through) return
    cell.sent = { epoch, through }
    const { clock, limits } = this.#parts
    cell.flush ??= clock.after(limits.acknowledgeWithinMs, () => {
      void this.#flush(cell).finally(() => {
        cell.flush = null
      })
    })
  }

  /** Writes every acknowledgement that still waits. */
  async flushAll(): Promise<void> {
    const waiting = [...this.#cells.values()].filter(({ flush }) => flush !== null)
    await Promise.all(
      waiting.map(cell => {
        cell.flush?.()
        cell.flush = null
        return this.#flush(cell)
      })
    )
  }

  /** Stops every actor, leaves first; queued events are shed, unacknowledged. */
  stop(): void {
    for (const cell of this.#cells.values()) {
      cell.flush?.()
      for (const envelope of cell.mailbox.drain()) {
        envelope.settle({ tag: 'shed', reason: 'stopping', retryAfterMs: 1_000 })
      }
      if (cell.actor !== null) stop(cell.actor)
    }
    this.#cells.clear()
    for (const shard of this.#byPartition.values()) stop(shard)
    stop(this.#shards)
    stop(this.#root)
  }

  #ended(resolve: (receipt: Receipt) => void, receipt: Receipt | null): void {
    this.#queued -= 1
    if (receipt !== null) resolve(receipt)
    else resolve({ tag: 'committed', version: 0, replies: [] })
  }

  #take(cell: Cell): void {
    this.#queued += 1
    // Every event has its token; the mailbox is ours, so that no stop or crash can lose an event.
    if (cell.actor !== null) tell(cell.actor, 'take')
  }

  #cell(id: string, address: Address | null): Cell {
    const known = this.#cells.get(id)
    if (known !== undefined) {
      known.address ??= address
      // Moves to the end: the map is in order of last use.
      this.#cells.delete(id)
      this.#cells.set(id, known)
      return known
    }
    if (this.#cells.size >= this.#parts.limits.liveConversations) this.#passivateOldest()
    const cell = newCell(id, address, this.#parts.limits.mailboxEvents)
    cell.actor = spawnActor<Token>(
      this.#shard(id),
      id,
      () => takeHead(this.#parts, cell),
      async error => {
        await afterCrash(this.#parts, cell, error)
        if (cell.mailbox.length > 0 && cell.actor !== null) tell(cell.actor, 'take')
      }
    )
    this.#cells.set(id, cell)
    return cell
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
      if (cell.mailbox.length > 0 || cell.flush !== null || cell.actor === null) continue
      stop(cell.actor)
      this.#cells.delete(cell.id)
      return
    }
  }

  async #flush(cell: Cell): Promise<void> {
    const { memory, sent } = cell
    if (memory !== null && memory.acknowledgedThrough >= sent.through) return
    try {
      await this.#parts.store.acknowledged(cell.id, sent.epoch, sent.through)
      const now = cell.memory
      if (now?.fence?.epoch !== sent.epoch) return
      const undelivered = now.undelivered.filter(({ sequence }) => sequence > sent.through)
      const acknowledgedThrough = Math.max(now.acknowledgedThrough, sent.through)
      cell.memory = { ...now, undelivered, acknowledgedThrough }
    } catch (error) {
      // The rows stay undelivered in the store; the next commit or sweep acknowledges them.
      const code = failureOf(error)?.code
      this.#parts.log.warn({ event: 'acknowledge.failed', conversation: cell.id, code }, 'later')
    }
  }
}

function shed(reason: string): Promise<Receipt> {
  return Promise.resolve({ tag: 'shed', reason, retryAfterMs: 1_000 })
}
