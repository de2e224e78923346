import { statSync } from 'node:fs'
import { type Clock, systemClock } from '../../kernel/clock.ts'
import { fail } from '../../kernel/failure.ts'
import type {
  Commit,
  ConversationStore,
  Deferral,
  Fence,
  Rewrite,
  StoreSecrets,
  UndeliveredRow
} from '../conversation-store.ts'
import { layoutRow, secretsOf } from '../layout-row.ts'
import { checkedNamespace } from '../namespace.ts'
import type { AskedHold } from '../reply-hold.ts'
import { checkSettings } from './check-settings.ts'
import { dataFileOf } from './data-file.ts'
import { type Database, type OpenedDatabase, openedDatabase } from './database.ts'
import { asFailure, type FileState, GroupCommit } from './group-commit.ts'
import { LastWords } from './last-words.ts'
import { removeAliasAt, setAliasAt } from './lmdb-alias.ts'
import { settleDueAt } from './lmdb-claim.ts'
import { LmdbClaims } from './lmdb-claims.ts'
import {
  acknowledgedAt,
  commitAt,
  type Desk,
  deferAt,
  type Shelf,
  shelfOf
} from './lmdb-conversation.ts'
import { exportAt, rewriteAt } from './lmdb-export.ts'
import { holdRepliesAt } from './lmdb-hold.ts'
import { type LmdbKeys, lmdbKeys } from './lmdb-keys.ts'
import { counted, listed } from './lmdb-listing.ts'
import { processesAt } from './lmdb-processes.ts'
import { eraseAt, historyAt, loadAt, parkedAt, slotsAt } from './lmdb-reading.ts'
import { setRight } from './set-right.ts'

/** Where an embedded store keeps its data. */
export interface LmdbStoreOptions {
  /** A directory, made when it is missing; for several processes see docs/operating.md. */
  readonly path: string
  /** Two bots of different names may share a directory and never meet; default `main`. */
  readonly namespace?: string
  /** The level this store must fulfil; it has one. */
  readonly durability?: 'embedded'
  /**
   * Largest size of the data file, to keep room on the disk for others; default: none. At it
   * commits fail with CHP_STORE_REFUSED, and go on when it is raised or a backup, which is smaller,
   * has taken its place. The file may pass it by what one group of commits needs.
   */
  readonly bytesMost?: number
  /** Longest wait for the disk or for another process; default 5,000 ms. */
  readonly commandTimeoutMs?: number
  readonly clock?: Clock
}

const GROWS = true

/**
 * The embedded store: no server, durable, one directory.
 *
 * A call is acknowledged when its transaction is on disk; calls that arrive together share one.
 * Nothing is opened before `open()`, which fails with CHP_SETTING_INVALID for an unusable path.
 *
 * @example
 * const store = lmdbStore({ path: './data' })
 */
export function lmdbStore(options: LmdbStoreOptions): ConversationStore {
  return new LmdbStore(options)
}

class LmdbStore implements ConversationStore {
  readonly name = 'lmdb'
  readonly #path: string
  readonly #keys: LmdbKeys
  readonly #words: LastWords
  readonly #clock: Clock
  readonly #timeoutMs: number
  readonly #bytesMost: number
  #opening: Promise<OpenedDatabase> | null = null
  #database: Database | null = null
  #group: GroupCommit | null = null
  readonly #claims: LmdbClaims

  constructor(options: LmdbStoreOptions) {
    const { path, namespace = 'main', commandTimeoutMs = 5000, bytesMost, clock } = options
    checkSettings(options)
    this.#path = path
    this.#keys = lmdbKeys(checkedNamespace(namespace))
    this.#words = new LastWords(path, namespace)
    this.#clock = clock ?? systemClock
    this.#timeoutMs = commandTimeoutMs
    this.#bytesMost = bytesMost ?? Number.POSITIVE_INFINITY
    this.#claims = new LmdbClaims({
      keys: this.#keys,
      opened: () => this.#opened(),
      desk: (shelf, id) => this.#desk(shelf, id),
      write: change => this.#write(change),
      nowMs: () => this.#clock.nowMs()
    })
  }

  async open(candidate: StoreSecrets) {
    const warnings = await this.#start()
    this.#claims.begin()
    const { layout } = this.#keys
    const row = await this.#write(shelf => {
      const stored = shelf.get(layout)
      if (stored === undefined) shelf.put(layout, layoutRow(candidate))
      return stored ?? layoutRow(candidate)
    })
    return { secrets: secretsOf(row), durability: 'embedded', warnings }
  }

  async close() {
    const group = this.#group
    this.#opening = null
    this.#database = null
    this.#group = null
    await group?.close()
  }

  async time() {
    return this.#clock.nowMs()
  }

  async load(id: string) {
    return this.#read(id, loadAt)
  }

  async commit(id: string, commit: Commit) {
    return this.#write(shelf => commitAt(this.#desk(shelf, id), commit), GROWS)
  }

  async defer(id: string, deferral: Deferral) {
    return this.#write(shelf => deferAt(this.#desk(shelf, id), deferral), GROWS)
  }

  async acknowledged(id: string, epoch: string, last: UndeliveredRow) {
    return this.#write(shelf => acknowledgedAt(this.#desk(shelf, id), epoch, last))
  }

  async holdReplies(id: string, epoch: string, asked: AskedHold) {
    return this.#write(shelf => holdRepliesAt(this.#desk(shelf, id), epoch, asked))
  }

  async settleDue(id: string, fence: Fence | null, dueMs: number | null, acknowledgedThrough = 0) {
    return this.#write(shelf =>
      settleDueAt(this.#desk(shelf, id), fence, dueMs, acknowledgedThrough)
    )
  }

  async erase(id: string, epoch: string, tombstoneEpoch: string) {
    return this.#write(shelf => eraseAt(this.#desk(shelf, id), epoch, tombstoneEpoch))
  }

  async claimDue(limit: number, leaseMs: number) {
    return this.#claims.due(limit, leaseMs)
  }

  async claimOwn(instance: string, limit: number, leaseMs: number) {
    return this.#claims.own(instance, limit, leaseMs)
  }

  async recoverable(id: string) {
    return this.#read(id, desk => ({
      slots: slotsAt(desk),
      history: historyAt(desk, Number.MAX_SAFE_INTEGER)
    }))
  }

  async history(id: string, { limit }: { readonly limit: number }) {
    return this.#read(id, desk => historyAt(desk, limit))
  }

  async parked(id: string) {
    return this.#read(id, parkedAt)
  }

  async setAlias(id: string, epoch: string, alias: string) {
    return this.#write(shelf => setAliasAt(this.#desk(shelf, id), epoch, this.#desk(shelf, alias)))
  }

  async removeAlias(id: string, alias: string) {
    return this.#write(shelf => removeAliasAt(this.#desk(shelf, id), this.#desk(shelf, alias)))
  }

  async list(cursor: string | null, limit: number) {
    return this.#look(database => listed(database, this.#keys, 'index', cursor, limit))
  }

  async parkedList(cursor: string | null, limit: number) {
    return this.#look(database => listed(database, this.#keys, 'parked', cursor, limit))
  }

  async heldList(cursor: string | null, limit: number) {
    return this.#look(database => listed(database, this.#keys, 'held', cursor, limit))
  }

  async export(id: string) {
    return this.#look(database => exportAt(this.#desk(shelfOf(database), id), database))
  }

  async rewrite(id: string, fence: Fence, rows: Rewrite) {
    return this.#write(shelf => rewriteAt(this.#desk(shelf, id), fence, rows))
  }

  async keepProcess(name: string, row: string | null, drop: readonly string[]) {
    const change = { name, row, drop, nowMs: this.#clock.nowMs() }
    return this.#words.taken(words =>
      this.#write(shelf => processesAt(this.#opened(), shelf, this.#keys, { ...change, words }))
    )
  }

  rowWriter(name: string) {
    return this.#words.writer(name)
  }

  async stats() {
    return this.#look(database => counted(database, this.#keys, this.#clock.nowMs()))
  }

  #read<T>(id: string, look: (desk: Desk) => T): T {
    return this.#look(database => look(this.#desk(shelfOf(database), id)))
  }

  #look<T>(look: (database: Database) => T): T {
    const database = this.#opened()
    try {
      // Other processes commit too: look at the newest state, all of it at one instant.
      database.resetReadTxn()
      return look(database)
    } catch (error) {
      throw asFailure('gave', error)
    }
  }

  async #write<T>(change: (shelf: Shelf) => T, grows = false): Promise<T> {
    const shelf = shelfOf(this.#opened())
    return this.#group!.run({ make: () => change(shelf), grows })
  }

  async #start(): Promise<readonly string[]> {
    this.#opening ??= openedDatabase(this.#path)
    try {
      const { database, number, warnings } = await this.#opening
      this.#database ??= database
      const path = dataFileOf(this.#path)
      const file = (): FileState => {
        const { ino = null, size = 0 } = statSync(path, { throwIfNoEntry: false }) ?? {}
        return { isFull: size >= this.#bytesMost, isReplaced: ino !== number }
      }
      this.#group ??= new GroupCommit(database, this.#clock, {
        timeoutMs: this.#timeoutMs,
        file,
        setRight: () => setRight(database, this.#path)
      })
      return warnings
    } catch (error) {
      this.#opening = null
      throw error
    }
  }

  #desk(shelf: Shelf, id: string): Desk {
    const own = this.#keys.conversation(id)
    return { shelf, keys: this.#keys, own, id, nowMs: this.#clock.nowMs() }
  }

  #opened(): Database {
    return this.#database ?? fail('CHP_NOT_STARTED', 'The store was used before open().')
  }
}
