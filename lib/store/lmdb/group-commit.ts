import type { Cancel, Clock } from '../../kernel/clock.ts'
import { ChaperoneError, failure } from '../../kernel/failure.ts'
import type { Database } from './database.ts'
import { leavable } from './leave-at-once.ts'

const GROUP_CHANGES = 256
const WAITING_GROUPS = 16

/** A change of the database: all checks first, then every write, at once. */
export interface Change<T> {
  readonly make: () => T
  /** It may make the file larger, so it is refused when the file is as large as it may be. */
  readonly grows: boolean
}

/** What is true of the file at the moment of a transaction. */
export interface FileState {
  readonly isFull: boolean
  /** Another file bears its name by now: what is written to this one would be lost. */
  readonly isReplaced: boolean
}

interface GroupCommitParts {
  readonly timeoutMs: number
  readonly file: () => FileState
  /** Called first in each transaction; true when nothing may be written in this one. */
  readonly setRight: () => boolean
}

interface Waiting {
  readonly change: Change<unknown>
  readonly done: (outcome: never) => void
  readonly failed: (error: Error) => void
}

interface Group {
  readonly members: Waiting[]
  readonly cancel: Cancel
}

/** How a change went inside its transaction, which may still fail as a whole. */
type Went =
  | { readonly tag: 'changed'; readonly outcome: unknown }
  | { readonly tag: 'threw'; readonly error: unknown }

/**
 * Writes what arrives together in one transaction, and answers when it is on disk.
 *
 * One transaction at a time: what arrives meanwhile waits for the next, 4,096 changes at most. A
 * group that is not answered in time fails with CHP_STORE_UNAVAILABLE; what was refused, with
 * CHP_STORE_REFUSED.
 */
export class GroupCommit {
  readonly #database: Database
  readonly #clock: Clock
  readonly #timeoutMs: number
  readonly #file: () => FileState
  readonly #setRight: () => boolean
  #groups: Group[] = []
  #working: Promise<void> | null = null

  constructor(database: Database, clock: Clock, { timeoutMs, file, setRight }: GroupCommitParts) {
    this.#database = database
    this.#clock = clock
    this.#timeoutMs = timeoutMs
    this.#file = file
    this.#setRight = setRight
  }

  run<T>(change: Change<T>): Promise<T> {
    return new Promise((done, failed) => {
      const group = this.#open()
      if (group === null) {
        failed(refused(`${GROUP_CHANGES * WAITING_GROUPS} calls wait for the disk already`))
        return
      }
      group.members.push({ change, done, failed })
      this.#working ??= this.#work()
    })
  }

  /** Closes the database when nothing waits; resolves then, or when a call would be given up. */
  close(): Promise<void> {
    const closed = Promise.resolve(this.#working).then(() => this.#database.close())
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(this.#timeoutMs, resolve)
      void closed.then(resolve, reject).finally(cancel)
    })
  }

  #open(): Group | null {
    const last = this.#groups.at(-1)
    if (last !== undefined && last.members.length < GROUP_CHANGES) return last
    if (this.#groups.length >= WAITING_GROUPS) return null
    const members: Waiting[] = []
    const group = { members, cancel: this.#clock.after(this.#timeoutMs, () => this.#late(group)) }
    this.#groups.push(group)
    return group
  }

  async #work(): Promise<void> {
    while (this.#groups.length > 0) await this.#write()
    this.#working = null
  }

  async #write(): Promise<void> {
    const taken: Group[] = []
    let went: readonly Went[] = []
    try {
      const written = this.#database.transaction(() => {
        // Nothing is written then, and the group is taken by the next transaction.
        if (this.#setRight()) return
        taken.push(...this.#groups.splice(0, 1))
        const file = this.#file()
        went = taken.flatMap(({ members }) => members.map(({ change }) => wentOf(change, file)))
      })
      // The library makes a second promise for the transaction in its next step, and leaves a
      // rejection of that one unhandled, which would end the process.
      setImmediate(() => void Promise.allSettled([this.#database.committed]))
      await leavable(() => written)
      for (const { members } of taken) {
        for (const [at, member] of members.entries()) settle(member, went[at]!)
      }
    } catch (error) {
      const why = refused(await whyOf(error))
      if (taken.length === 0) taken.push(...this.#groups.splice(0, 1))
      for (const { members } of taken) for (const { failed } of members) failed(why)
    } finally {
      for (const { cancel } of taken) cancel()
    }
  }

  // A group that never began is never begun; one that is being written may yet succeed.
  #late(group: Group): void {
    this.#groups = this.#groups.filter(each => each !== group)
    const detail = `The disk or another process held the store for ${this.#timeoutMs} ms.`
    const error = new ChaperoneError(failure('CHP_STORE_UNAVAILABLE', detail))
    for (const { failed } of group.members) failed(error)
  }
}

function wentOf({ make, grows }: Change<unknown>, { isFull, isReplaced }: FileState): Went {
  try {
    if (isReplaced) throw refused('its file was replaced since it was opened: start again')
    if (isFull && grows) throw refused('its file is as large as the option bytesMost allows')
    return { tag: 'changed', outcome: make() }
  } catch (error) {
    return { tag: 'threw', error }
  }
}

function settle({ done, failed }: Waiting, went: Went): void {
  if (went.tag === 'changed') done(went.outcome as never)
  else failed(asFailure('wrote', went.error))
}

/** What an error of the library means to a caller. */
export function asFailure(did: 'gave' | 'wrote', error: unknown): Error {
  if (error instanceof ChaperoneError) return error
  const why = error instanceof Error ? error.message : String(error)
  return new ChaperoneError(
    failure('CHP_STORE_REFUSED', `The embedded store ${did} nothing: ${why}.`, error)
  )
}

function refused(why: string): Error {
  return asFailure('wrote', new Error(why))
}

// The library rejects with one error and says why in a promise beside it, which must not be left.
async function whyOf(error: unknown): Promise<string> {
  const inner: unknown = error instanceof Error ? Reflect.get(error, 'commitError') : undefined
  const why = await Promise.resolve(inner).then(
    () => error,
    (reason: unknown) => reason
  )
  return why instanceof Error ? why.message : String(why)
}
