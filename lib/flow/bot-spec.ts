import type * as t from 'io-ts'
import type { Migration } from '../conversation/migration.ts'
import type { Relogin } from '../conversation/program.ts'
import type { Core, FlowFrame } from '../conversation/record.ts'
import type { Say } from './action.ts'
import type { Flow } from './define-flow.ts'
import type { Tell } from './tell.ts'

/** Words that count at every step; matched whole, trimmed, in any case. */
export interface Command {
  readonly words: readonly string[]
  /** A flow to begin afresh, dropping the one at hand; or a text, the prompt staying open. */
  readonly do: string | Say
}

/** Keys of the texts that the bot says by itself; each has an English default, `bot.<name>`. */
interface Says {
  /** Something went wrong, back to the menu. */
  readonly reset: string
  /** A tap on a prompt that is no longer open. */
  readonly stale: string
  /** Content that the step cannot read. */
  readonly textOnly: string
  /** A command came while a call has been open for over 4 s. */
  readonly working: string
  /** A confirm is left whose call may have been done: it will not be made, but may have been. */
  readonly unresolved: string
  /** An operator holds the conversation; said once. */
  readonly held: string
  /** The flow at hand no longer exists in this build. */
  readonly retired: string
  /** Labels. */
  readonly confirm: string
  readonly cancel: string
  /** Label of the button that opens a list, and title of a list without sections. */
  readonly options: string
}

/**
 * What must be true of every stored state, beyond what codecs say.
 *
 * One that is broken before a commit is a Defect that names it; on load it sends the conversation
 * to an older state. One that throws counts as broken.
 */
export interface Invariant<C extends Core = Core> {
  readonly name: string
  /** Synchronous and pure; `flow` is the frame at hand, sub-flows have their `caller`. */
  holds(core: C, flow: FlowFrame): boolean
}

/** The session clock of a bot. */
export interface SessionSpec {
  /** Idle time until the session expires; only members' messages count. Default 300. */
  readonly idleSeconds: number
  /** Key of the text said before the answer to the next message. */
  readonly notice: string
  /** Said once while the session may still be kept, by any message; default nothing. */
  readonly warning?: {
    /** Time before the expiry; less than `idleSeconds`. */
    readonly beforeSeconds: number
    /** Key of the text. */
    readonly text: string
  }
}

export interface BotSpec<C extends Core> {
  readonly name: string
  /** The author's version of core and flow data; default 1. */
  readonly schema?: number
  /**
   * The steps from older schemas to `schema`, one a schema. A record of a schema that no step leads
   * on from waits, untouched, for a build that has one.
   */
  readonly migrations?: readonly Migration[]
  /** Default a core without member and cache. */
  readonly core?: t.Type<C, unknown>
  readonly flows: readonly Flow<C>[]
  /** The flow of a first contact and after expiry. */
  readonly start: string
  /** The flow that ends, resets and cancels lead to; default `start`. */
  readonly menu?: string
  /** The flow of somebody the outside service does not know; default `start`. */
  readonly registration?: string
  readonly commands?: Readonly<Record<string, Command>>
  /** When an idle session expires and what is said of it. */
  readonly session?: SessionSpec
  /** Which stage a flow may move to from which; default: MENU to all and all to MENU. */
  readonly stages?: Readonly<Record<string, readonly string[]>>
  /** The words by locale; the first locale is the default one. */
  readonly texts: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly says?: Partial<Says>
  readonly relogin?: Relogin<C>
  readonly invariants?: readonly Invariant<C>[]
  /** What the host may tell a conversation, by event name. */
  readonly on?: Readonly<Record<string, Tell>>
}
