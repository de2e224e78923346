import { createHash } from 'node:crypto'
import type { Cancel, Clock, Millis } from '../kernel/clock.ts'
import { fail, failureOf } from '../kernel/failure.ts'
import type { Log } from '../kernel/log.ts'
import type { ConversationStore } from '../store/conversation-store.ts'
import type { KeptProcesses, ProcessRow } from '../store/process-rows.ts'
import { type Blocked, BlockedOthers, saidRow } from './blocked.ts'
import { GIVING_UP, ROW_EVERY_MS } from './watchdog.ts'

interface CautionParts {
  readonly store: Pick<ConversationStore, 'keepProcess'>
  readonly clock: Clock
  readonly log: Log
  /** This very process. */
  readonly process: string
}

/** Which run of an event is about to begin. */
export interface Suspect {
  readonly conversation: string
  readonly event: { readonly kind: string; readonly id: string }
  /** It is not decided again, but parked or held. */
  readonly isGivingUp: boolean
}

/** Processes that ended during such a run. */
export interface Deaths {
  /** While the event was decided; with one at least also those of which nobody knows the cause. */
  readonly runs: number
  /** While it was given up. */
  readonly givingUp: number
  /** How many of these may live: this process is too young to have heard of them. */
  readonly unheard: number
  /** What the watchdog of the last one said, where one did. */
  readonly blocked: Blocked | null
}

/** So long after its start a process has heard of all that live. */
const HEARD_MS = 3_000
/** A row that is older belongs to a process that ended, or stands still. */
const LEASE_MS = 6_000
/** How long such an end makes the others cautious. */
const CAUTIOUS_MS = 600_000
const FORGOTTEN_MS = 3_600_000
/** Rows kept; beyond it those of the earliest ends go. */
const ROWS_MOST = 256
/** How often a note is tried; then the event is run without. */
const NOTE_TRIES = 3
/** Pause after a run before its name is taken away. */
const CLEAR_MS = 50

const NOBODY: Deaths = { runs: 0, givingUp: 0, unheard: 0, blocked: null }
/** Row of a process that notes its runs, and is in none: whatever ended it was no run. */
const AT_REST = '-'

/**
 * Knows whether a process of this store ended uncleanly of late, and then which run ended it.
 *
 * Each process keeps a row alive and takes it away when it stops. While a row stands there whose
 * process is gone, one event at a time is run, its name noted in the row of the process before.
 */
export class Caution {
  readonly #parts: CautionParts
  readonly #blocked: BlockedOthers
  #running = ''
  #waiting = 0
  #last: Promise<void> = Promise.resolve()
  #rows: readonly ProcessRow[] = []
  #sinceMs: number | null = null
  #nowMs = 0
  /** Somebody ended uncleanly of late. */
  #isWarned = false
  #isCautious = false
  #isTold = false
  #isStarted = false
  #isStopped = false
  #next: Cancel = () => undefined
  #clearing: Cancel = () => undefined

  constructor(parts: CautionParts) {
    this.#parts = parts
    this.#blocked = new BlockedOthers(parts.log)
  }

  /** True while a run is to be noted before it begins. */
  get isCautious(): boolean {
    // Beside a run that is noted none goes unnoted: its end would be charged to the other.
    return this.#isCautious || this.#waiting > 0
  }

  /** Says that this process is there, and looks who else is. */
  async start(): Promise<void> {
    if (this.#parts.store.keepProcess === undefined) return
    this.#isStarted = true
    // What cannot be seen may be there.
    this.#isCautious = true
    await this.#beat()
    if (this.#isCautious) await this.#write(this.#running || this.#atRest())
  }

  /** Takes the row away: this end was meant. */
  async stop(): Promise<void> {
    if (!this.#isStarted) return
    this.#isStopped = true
    this.#next()
    this.#clearing()
    await this.#write(null)
  }

  /**
   * Runs what may end the process, alone, once the store knows of it; gives what it gave. Who finds
   * caution over when its turn comes has the store know that no run is noted any more, instead.
   *
   * Fails with `CHP_STORE_CONTENDED` while the row of a process that may live names the event, and
   * with `CHP_STORE_UNAVAILABLE` when the deadline, on the monotonic clock, passes before.
   */
  async noted<T>(suspect: Suspect, deadlineMs: Millis, run: (deaths: Deaths) => T): Promise<T> {
    const before = this.#last
    let passOn = (): void => undefined
    this.#waiting += 1
    this.#last = new Promise(resolve => {
      passOn = resolve
    })
    if (!(await this.#inTime(before, deadlineMs))) {
      this.#waiting -= 1
      void before.then(passOn)
      late()
    }
    const name = runName(suspect)
    try {
      const isNoted = await this.#entered(suspect.isGivingUp ? name + GIVING_UP : name)
      if (this.#parts.clock.monotonicMs() >= deadlineMs) late()
      return run(isNoted ? this.#deathsOf(name) : NOBODY)
    } finally {
      this.#running = ''
      this.#waiting -= 1
      passOn()
      // Who is next writes another name there; what a run leaves behind may end the process yet.
      this.#clearing()
      this.#clearing = this.#parts.clock.after(CLEAR_MS, () => {
        if (this.#waiting === 0) void this.#write(this.#atRest())
      })
    }
  }

  /** True when it was one's turn before the deadline. */
  #inTime(turn: Promise<void>, deadlineMs: Millis): Promise<boolean> {
    const { clock } = this.#parts
    return new Promise(resolve => {
      const leftMs = Math.max(0, deadlineMs - clock.monotonicMs())
      const cancel = clock.after(leftMs, () => resolve(false))
      void turn.then(() => {
        cancel()
        resolve(true)
      })
    })
  }

  /** The event has been given up: asked to be run again, it begins anew. */
  async forgive(suspect: Omit<Suspect, 'isGivingUp'>): Promise<void> {
    const name = runName(suspect)
    const drop = this.#naming(name)
    if (drop.length > 0) await this.#write(this.#running || this.#atRest(), drop)
  }

  #deathsOf(name: string): Deaths {
    const others = this.#others()
    const naming = this.#naming(name)
    // It runs the event, or ended in it just now: after its lease that is known.
    if (naming.some(kept => this.#isAlive(kept))) {
      fail('CHP_STORE_CONTENDED', 'Another process is in a run of the event, or ended in it.')
    }
    if (naming.length === 0) return NOBODY
    // Before anybody was cautious nothing was noted.
    const unnoted = others.filter(kept => kept.row === '' && this.#hasJustEnded(kept))
    const givingUp = naming.filter(({ row }) => saidRow(row).run === name + GIVING_UP).length
    const counted = [...naming, ...unnoted]
    const unheard = counted.filter(kept => this.#mayBeHeardOf(kept)).length
    const last = naming.toSorted(byTime).find(({ row }) => saidRow(row).blocked !== null)
    const blocked = last === undefined ? null : saidRow(last.row).blocked
    return { runs: counted.length, givingUp, unheard, blocked }
  }

  #naming(name: string): readonly ProcessRow[] {
    return this.#others().filter(({ row }) => {
      const { run } = saidRow(row)
      return run === name || run === name + GIVING_UP
    })
  }

  #hasJustEnded(kept: ProcessRow): boolean {
    return this.#nowMs - kept.atMs < CAUTIOUS_MS && !this.#isAlive(kept)
  }

  #atRest(): string {
    return this.#isWarned && this.#sinceMs !== null ? AT_REST : ''
  }

  #others(): readonly ProcessRow[] {
    return this.#rows.filter(({ name }) => name !== this.#parts.process)
  }

  async #beat(): Promise<void> {
    await this.#write(this.#running || this.#atRest())
    // Caution is over once the row no longer says that runs are noted.
    if (this.#isCautious && !this.#isWarned) await this.#write(this.#running || this.#atRest())
    if (!this.#isStopped)
      this.#next = this.#parts.clock.after(ROW_EVERY_MS, () => void this.#beat())
  }

  /** Notes a run; false when it is to run without. */
  async #entered(row: string): Promise<boolean> {
    // Noted on one behind the other, a run would always stand in the row: caution would never end.
    if (this.#isOver && this.#isCautious) await this.#write('')
    // It may have begun anew by that very answer.
    if (this.#isOver && !this.#isCautious) return false
    this.#running = row
    return this.#insisted(row)
  }

  /** Nobody ended uncleanly of late; the row may still say that runs are noted. */
  get #isOver(): boolean {
    return this.#sinceMs !== null && !this.#isWarned
  }

  // While the store is away this fails at once, and nobody is kept waiting for a note.
  async #insisted(row: string): Promise<boolean> {
    for (let tries = 1; tries <= NOTE_TRIES; tries += 1) if (await this.#write(row)) return true
    return false
  }

  async #write(row: string | null, drop: readonly ProcessRow[] = []): Promise<boolean> {
    const { store, process, log } = this.#parts
    if (store.keepProcess === undefined || (this.#isStopped && row !== null)) return false
    const names = [...drop, ...this.#outdated()].map(({ name }) => name)
    try {
      this.#learn(await store.keepProcess(process, row, names))
      return true
    } catch (error) {
      log.debug({ event: 'process.unwritten', code: failureOf(error)?.code }, 'row not written')
      return false
    }
  }

  #learn({ rows, nowMs }: KeptProcesses): void {
    this.#rows = rows
    this.#nowMs = nowMs
    this.#sinceMs ??= nowMs
    this.#blocked.heard(this.#others())
    this.#isWarned = this.#others().some(kept => this.#hasJustEnded(kept) || this.#stands(kept))
    // While its row says that it notes its runs, none may end it that is not noted.
    const own = rows.find(({ name }) => name === this.#parts.process)?.row ?? ''
    this.#isCautious = this.#isWarned || own !== ''
    if (this.#isCautious === this.#isTold) return
    this.#isTold = this.#isCautious
    const event = this.#isCautious ? 'caution.begins' : 'caution.ends'
    this.#parts.log.info({ event }, 'processes that ended uncleanly')
  }

  /** It lives, and its run blocks it: others are not to begin that before it ends. */
  #stands({ row, atMs }: ProcessRow): boolean {
    return this.#isRecent(atMs) && saidRow(row).blocked !== null
  }

  // Who was there before this process may have gone, until it is heard of again.
  #isAlive({ row, atMs }: ProcessRow): boolean {
    return this.#isRecent(atMs) && atMs > (this.#sinceMs ?? 0) && !saidRow(row).isEnded
  }

  #mayBeHeardOf({ row, atMs }: ProcessRow): boolean {
    const isYoung = this.#nowMs - (this.#sinceMs ?? 0) < HEARD_MS
    return this.#isRecent(atMs) && isYoung && !saidRow(row).isEnded
  }

  #isRecent(atMs: number): boolean {
    return this.#nowMs - atMs < LEASE_MS
  }

  #outdated(): readonly ProcessRow[] {
    const others = this.#others().toSorted(byTime)
    return others.filter(({ atMs }, at) => this.#nowMs - atMs >= FORGOTTEN_MS || at >= ROWS_MOST)
  }
}

/** The latest first. */
function byTime(one: ProcessRow, other: ProcessRow): number {
  return other.atMs - one.atMs
}

function late(): never {
  fail('CHP_STORE_UNAVAILABLE', 'No note of the run was written in time: others came first.')
}

/** Name of a run in the rows, as the watchdog's thread makes it; ids may hold a member's number. */
export function runName({ conversation, event }: Omit<Suspect, 'isGivingUp'>): string {
  const text = JSON.stringify([conversation, event.kind, event.id])
  return createHash('sha256').update(text).digest('base64url').slice(0, 22)
}
