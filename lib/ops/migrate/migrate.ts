import { migrated } from '../../conversation/migration.ts'
import type { Program } from '../../conversation/program.ts'
import { type Clock, pause, systemClock } from '../../kernel/clock.ts'
import { type Failure, fail } from '../../kernel/failure.ts'
import { type Random, systemRandom } from '../../kernel/random.ts'
import type { ConversationStore, Listing } from '../../store/conversation-store.ts'
import { headsOf } from '../../store/identity.ts'
import { type KeyRing, keyRing } from '../../store/seal.ts'
import { steadily } from '../steadily.ts'
import { type MigratedOne, type MigrateParts, migrateOne } from './migrate-one.ts'

/** What holds the records, and the bot that knows the steps between their schemas. */
export interface MigrateGiven {
  readonly bot: Program
  readonly store: ConversationStore
  /** Default: the key kept in the store's layout row, as for a runtime. */
  readonly keys?: KeyRing
  readonly clock?: Clock
  readonly random?: Random
}

export interface MigrateOptions {
  /** The schema to bring records to; default the bot's own. A lower one runs the steps down. */
  readonly to?: number
  /** Tries every step and writes nothing. Default false. */
  readonly dryRun?: boolean
  /** Conversations asked for at a time; default 100. */
  readonly batch?: number
  /** Conversations looked at in a second, at most; default 500. */
  readonly perSecond?: number
  /** Called after every batch. */
  readonly onProgress?: (progress: MigrateProgress) => void
  /** Ends the run after the batch at hand; another run goes on where this one stopped. */
  readonly signal?: AbortSignal
}

export interface MigrateProgress {
  /** 1 for the first walk over all conversations; more follow until nothing is left to do. */
  readonly pass: number
  /** Conversations looked at in this pass: `done`, `skipped` and `failed` of them. */
  readonly seen: number
  /** Written in the new schema; in a dry run, those that would be. */
  readonly done: number
  /** They had the schema already. */
  readonly skipped: number
  /** Left as they were. */
  readonly failed: number
  readonly perSecond: number
}

/** Why a conversation could not be migrated; its record is as it was. */
export interface MigrateFailure {
  readonly conversation: string
  readonly code: Failure['code']
  /** Holds no value of the record. */
  readonly detail: string
}

export interface MigrateReport {
  readonly to: number
  readonly dryRun: boolean
  /** The signal ended the run before it had been everywhere. */
  readonly stopped: boolean
  /** Written in the new schema, in all passes; in a dry run, those that would be. */
  readonly done: number
  /** What the last pass saw: conversations by the schema of their record as it was then. */
  readonly schemas: Readonly<Record<number, number>>
  /** Records whose schema could not even be read, in the last pass. */
  readonly unreadable: number
  /** Conversations of the last pass that were not of the schema `to`, unreadable ones too. */
  readonly left: number
  /** Those of the last pass that could not be migrated, 100 at most; `failed` counts all. */
  readonly failures: readonly MigrateFailure[]
  readonly failed: number
}

const FAILURES_LISTED = 100
const AT_ONCE = 16
const PASSES_MOST = 10

/**
 * Brings the record of every conversation to a schema, up or down, each in a commit of its own.
 *
 * Conversations may be talked to meanwhile. A run that was stopped or killed is simply started
 * again: what is done is skipped. It walks over all of them until a walk finds nothing left to do,
 * so the last one verifies. Fails with `CHP_INPUT_INVALID` for a schema above the bot's,
 * `CHP_MIGRATION_MISSING` when steps to it are missing, and `CHP_STORE_UNAVAILABLE` when the store
 * stays away for 30 s.
 *
 * @example
 * const report = await migrate({ bot, store: lmdbStore({ path: './data' }) }, { dryRun: true })
 */
export async function migrate(
  given: MigrateGiven,
  options: MigrateOptions = {}
): Promise<MigrateReport> {
  const { bot: program } = given
  const { to = program.schema, dryRun = false, batch = 100, perSecond = 500 } = options
  checkGiven(program, { to, batch, perSecond })
  const parts = await partsOf(given)
  let done = 0
  for (let pass = 1; ; pass += 1) {
    const walk = new Walk(parts, { ...options, to, dryRun, batch, perSecond }, pass)
    await walk.run()
    done += walk.done
    const isOver = dryRun || walk.stopped || walk.done === 0 || pass === PASSES_MOST
    if (isOver) return { to, dryRun, done, ...walk.report() }
  }
}

function checkGiven(
  { schema, migrations = [] }: Program,
  numbers: { readonly to: number; readonly batch: number; readonly perSecond: number }
): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (Number.isSafeInteger(value) && value >= (name === 'to' ? 0 : 1)) continue
    fail('CHP_INPUT_INVALID', `"${name}" must be a whole number, and ${value} is none.`)
  }
  const { to } = numbers
  if (to > schema) {
    fail('CHP_INPUT_INVALID', `The bot has schema ${schema}: it cannot bring records to ${to}.`)
  }
  // Whether the way exists does not depend on what goes it: an empty state finds that out.
  const way = migrated(migrations, null, { from: schema, to })
  if (way.tag === 'missing') {
    fail('CHP_MIGRATION_MISSING', `There is no migration ${way.from} to ${way.to}.`)
  }
}

async function partsOf({
  bot: program,
  store,
  keys,
  clock = systemClock,
  random = systemRandom
}: MigrateGiven): Promise<MigrateParts> {
  const { secrets } = await store.open({ idKey: random.bytes(32), sealKey: random.bytes(32) })
  const ring = keys ?? keyRing({ active: 'store', keys: { store: secrets.sealKey }, random })
  return { program, store, ring, clock, random, nextHead: headsOf('migrate', random) }
}

type WalkOptions = MigrateOptions &
  Required<Pick<MigrateOptions, 'to' | 'dryRun' | 'batch' | 'perSecond'>>

/** One walk over all conversations, those that were active last coming first. */
class Walk {
  readonly #parts: MigrateParts
  readonly #options: WalkOptions
  readonly #pass: number
  readonly #startedMs: number
  readonly #schemas = new Map<number, number>()
  readonly #failures: MigrateFailure[] = []
  #counts = { done: 0, skipped: 0, failed: 0 }
  #unreadable = 0
  stopped = false

  constructor(parts: MigrateParts, options: WalkOptions, pass: number) {
    this.#parts = parts
    this.#options = options
    this.#pass = pass
    this.#startedMs = parts.clock.monotonicMs()
  }

  get done(): number {
    return this.#counts.done
  }

  async run(): Promise<void> {
    const { store } = this.#parts
    const { batch, onProgress, signal } = this.#options
    for (let cursor: string | null = null; ; ) {
      if (signal?.aborted === true) {
        this.stopped = true
        return
      }
      const from: string | null = cursor
      const page: Listing = await steadily(this.#parts, () => store.list(from, batch))
      for (let at = 0; at < page.ids.length; at += AT_ONCE) {
        await Promise.all(page.ids.slice(at, at + AT_ONCE).map(id => this.#take(id)))
      }
      onProgress?.(this.#progress())
      cursor = page.cursor
      if (cursor === null) return
      await this.#paced()
    }
  }

  report(): Omit<MigrateReport, 'to' | 'dryRun' | 'done'> {
    const counted = Array.from(this.#schemas).toSorted(([one], [other]) => one - other)
    const known = counted.reduce((sum, [, count]) => sum + count, 0)
    return {
      stopped: this.stopped,
      schemas: Object.fromEntries(counted),
      unreadable: this.#unreadable,
      left: known - (this.#schemas.get(this.#options.to) ?? 0) + this.#unreadable,
      failures: this.#failures,
      failed: this.#counts.failed
    }
  }

  async #take(conversation: string): Promise<void> {
    const one: MigratedOne = await migrateOne(this.#parts, conversation, this.#options)
    if (one.tag === 'gone') return
    this.#counts[one.tag] += 1
    if (one.schema === null) this.#unreadable += 1
    else this.#schemas.set(one.schema, (this.#schemas.get(one.schema) ?? 0) + 1)
    if (one.tag !== 'failed' || this.#failures.length >= FAILURES_LISTED) return
    const { code, detail } = one.failure
    this.#failures.push({ conversation, code, detail })
  }

  #progress(): MigrateProgress {
    const { done, skipped, failed } = this.#counts
    const seen = done + skipped + failed
    const seconds = (this.#parts.clock.monotonicMs() - this.#startedMs) / 1000
    const perSecond = seconds > 0 ? Math.round(seen / seconds) : seen
    return { pass: this.#pass, seen, done, skipped, failed, perSecond }
  }

  /** Waits while the walk is ahead of its rate. */
  async #paced(): Promise<void> {
    const { clock } = this.#parts
    const { perSecond } = this.#options
    const { seen } = this.#progress()
    const aheadMs = (seen / perSecond) * 1000 - (clock.monotonicMs() - this.#startedMs)
    if (aheadMs > 0) await pause(clock, aheadMs)
  }
}
