import type { Either } from 'fp-ts/lib/Either.js'
import type { ChaperoneError } from '../../kernel/failure.ts'
import type { Command, Link } from './link.ts'
import type { RunScript } from './scripts/script.ts'

/** What a plain command of a batch came to. */
export type Answer = Either<ChaperoneError, unknown>

/**
 * The servers behind a Redis store: one, a group that Sentinel watches, or a Cluster.
 *
 * The rest of the store does not know which. Every call settles, as done or with a
 * `ChaperoneError`, and nothing is ever sent again whose outcome is unknown.
 */
export interface Deployment {
  /** Resolves when every master is ready; fails with CHP_STORE_UNAVAILABLE when that takes long. */
  ready(): Promise<void>
  close(): void
  /** Runs a script on the master that holds its first key; on any when it names none. */
  readonly run: RunScript
  /** Runs a plain command, whose first argument is a key, on the master that holds it. */
  call(...command: Command): Promise<unknown>
  /** The address of the master that holds a key, as far as is known. */
  addressOf(key: string): string
  /** Every master of now. */
  masters(): readonly Master[]
  /** Which master holds which of these keys; every key is in one share. */
  shares(keys: readonly string[]): readonly Share[]
}

/** One server that takes writes. */
export interface Master {
  /** Host and port, for people. */
  readonly address: string
  /** The connection of now; another one after each reconnection, null before the first. */
  readonly link: Link | null
  call(...command: Command): Promise<unknown>
  /** Runs plain commands in one write, each with its own answer. */
  batch(commands: readonly Command[]): Promise<readonly Answer[]>
}

export interface Share {
  readonly master: Master
  /** Positions in the list of keys that was asked about. */
  readonly at: readonly number[]
}
