import type { Address } from '../conversation/address.ts'
import { fail } from '../kernel/failure.ts'
import { type AsideOptions, openAside } from '../runtime/aside.ts'
import { type Inspection, inspect, lensOf } from '../runtime/inspect.ts'
import type { Parts } from '../runtime/parts.ts'
import { Runtime } from '../runtime/runtime.ts'
import type { Listing, StoreStats } from '../store/conversation-store.ts'
import {
  type CauseGroup,
  causes,
  holdAll,
  type ManyOutcome,
  redriveAll,
  resumeAll,
  type Which
} from './by-cause.ts'
import { type Desk, idOf, type Refusal, type Who } from './desk.ts'
import { diff, type VersionDiff } from './diff.ts'
import { type Erased, erase } from './erase.ts'
import { type ConversationExport, exportConversation } from './export-conversation.ts'
import { type HistoryPage, type HistoryRange, history } from './history.ts'
import { type HoldOutcome, type HoldRequest, hold } from './hold.ts'
import { type Linked, link, unlink } from './link.ts'
import { type ParkedEvent, type ParkedRange, parkedEvents } from './parked-events.ts'
import { discard, type ParkedOutcome, type ParkedRequest, redrive } from './redrive.ts'
import { type ResealOptions, type ResealReport, reseal } from './reseal/reseal.ts'
import { type RollbackOutcome, type RollbackRequest, rollback } from './rollback.ts'
import { type VersionView, viewAt } from './view-at.ts'

/**
 * What a person may do about one conversation.
 *
 * What cannot be done is refused by a value with a code and what to do; nothing is changed then.
 * Trouble with the store rejects, as everywhere.
 */
export interface Operator {
  /** Shows a conversation as it is stored now; null when nothing is. */
  inspect(who: Who): Promise<Inspection | null>
  /** Lists versions, newest first, a page at a time; default 20 lines. */
  history(who: Who, range?: HistoryRange): Promise<HistoryPage | Refusal>
  /** Shows the record as it was at a version; commits nothing. */
  viewAt(who: Who, version: number): Promise<VersionView | Refusal>
  /** Compares two versions, in either order, as a JSON patch. */
  diff(who: Who, from: number, to: number): Promise<VersionDiff | Refusal>
  /**
   * Puts the dialogue back to where it stood at a version, in a new commit, before anything that
   * waits in the mailbox. Its prompt is shown again; core, open calls, replies, waiting messages
   * and the ids that were taken stay as they are.
   *
   * Refuses with `CHP_ROLLBACK_REFUSED` across an effect, unless asked to, and where the bot or the
   * member cannot go on from there.
   */
  rollback(who: Who, version: number, request: RollbackRequest): Promise<RollbackOutcome>
  /**
   * Holds a conversation: its timers do nothing, and what is said to it waits in its inbox, in
   * order; its member is told once. A call that runs ends as ever. Messages beyond the inbox are
   * shed. Refuses with `CHP_HOLD_REFUSED` where no record can be read.
   */
  hold(who: Who, request: HoldRequest): Promise<HoldOutcome>
  /**
   * Lets it go on: what waits is taken in order, timers run again. Refuses as `hold`: where no core
   * can be read, its member must write first.
   */
  resume(who: Who, request: HoldRequest): Promise<HoldOutcome>
  /**
   * The events that were given up, the oldest first: cause, place, runs, build, what was done;
   * among them refused replies and what was found damaged. Those redriven or discarded only when
   * asked for.
   */
  parkedEvents(who: Who, range?: ParkedRange): Promise<readonly ParkedEvent[] | Refusal>
  /**
   * Runs a parked event again: it waits in the inbox behind what waits there, and is then taken as
   * ever; one that fails again is parked again. A refused reply is offered again under its key,
   * behind those that wait. Once for each row, however often it is asked for.
   *
   * Refuses with `CHP_PARKED_REFUSED` what is not there or was lost or erased meanwhile, and
   * timers, commands, ended calls and what is damaged.
   */
  redrive(who: Who, key: string, request: ParkedRequest): Promise<ParkedOutcome>
  /**
   * Marks a parked event as one that is not run again; the history says who and why. Once nothing
   * of a conversation is left to look at, redriven or discarded, it leaves `parked` and its count.
   */
  discard(who: Who, key: string, request: ParkedRequest): Promise<ParkedOutcome>
  /** What is parked and held, by cause, the most frequent first; reads every such conversation. */
  causes(): Promise<readonly CauseGroup[]>
  /**
   * Runs the parked events and replies of a cause again, or all, in the order they were parked in.
   * The first that can be goes alone; when it fails again, or is not taken within 30 s, the others
   * are left. What cannot be run again, or opened, is `refused`.
   */
  redriveAll(which: Which, request: ParkedRequest): Promise<ManyOutcome>
  /** Holds all conversations not held yet, or of these the ones with parked events of a cause. */
  holdAll(which: Which, request: HoldRequest): Promise<ManyOutcome>
  /** Lets those go on that are held for a cause, or all; the first goes alone as in redriveAll. */
  resumeAll(which: Which, request: HoldRequest): Promise<ManyOutcome>
  /** Everything that is stored of one conversation, readable, with its secrets redacted. */
  export(who: Who): Promise<ConversationExport | Refusal>
  /**
   * Erases a conversation for good: record, history, replies, what waits, what is parked, aliases.
   * What stays for 8 days is a tombstone of hashed message ids, so that no late copy is answered.
   */
  erase(who: Who): Promise<Erased | Refusal>
  /**
   * Lets another address lead to this conversation: what is said there is taken here, in one order,
   * and answered at the conversation's own address. Refuses an address that has a conversation.
   * A late copy of what was taken there before an erase within 8 days may be taken here.
   */
  link(who: Who, alias: Address): Promise<Linked | Refusal>
  /** Lets that address lead here no longer. */
  unlink(who: Who, alias: Address): Promise<Linked | Refusal>
  /** How many conversations there are, and how many are due, overdue, parked and held. */
  stats(): Promise<StoreStats>
  /** Ids of conversations with open parked rows, the last parked first; default 50 a page. */
  parked(page?: ListPage): Promise<Listing>
  /** Ids of conversations that are held, the last held first; default 50 a page. */
  held(page?: ListPage): Promise<Listing>
  /**
   * Seals with the active key what any other key sealed, in every conversation; decides, commits
   * and sends nothing. A key that is not in `left` is not needed any more. A call of the store
   * whose outcome is unknown is repeated for 30 s.
   */
  reseal(options?: ResealOptions): Promise<ResealReport>
}

/** Where a list goes on. */
export interface ListPage {
  /** What the page before answered; default the beginning. */
  readonly cursor?: string | null
  readonly limit?: number
}

const PAGE = 50

/**
 * The operator of a runtime; fails with `CHP_NOT_STARTED` while that does not run.
 *
 * @example
 * const ops = operatorOf(runtime)
 * const page = await ops.history({ channel: 'whatsapp', account: '1066', user: '15550001111' })
 */
export function operatorOf(runtime: Runtime): Operator {
  return operatorAt(() => deskOf(runtime))
}

/** An operator in a process of its own, beside those that serve; close it when done. */
export interface OpenOperator extends Operator {
  close(): Promise<void>
}

/**
 * Opens a store for an operator beside the running bots: nothing is woken, sent or called here.
 * A prompt that a rollback shows again is sent by a serving process, within some 2 s.
 *
 * Give it the bot that serves and, where that has one, its key ring. Rejects as `runtime.start`.
 *
 * @example
 * const ops = await openOperator({ bot, store: lmdbStore({ path: './data' }) })
 * console.log(await ops.inspect({ channel: 'host', account: 'demo', user: 'ada' }))
 * await ops.close()
 */
export async function openOperator(options: AsideOptions): Promise<OpenOperator> {
  const { parts, idOf, command, close } = await openAside(options)
  const desk: Desk = { ...partsOf(parts), idOf, command }
  return { ...operatorAt(() => desk), close }
}

function operatorAt(desk: () => Desk): Operator {
  return {
    inspect: async who => inspect(desk(), idOf(desk(), who)),
    history: async (who, range) => history(desk(), who, range),
    viewAt: async (who, version) => viewAt(desk(), who, version),
    diff: async (who, from, to) => diff(desk(), who, from, to),
    rollback: async (who, version, request) => rollback(desk(), who, version, request),
    hold: async (who, request) => hold(desk(), who, 'hold', request),
    resume: async (who, request) => hold(desk(), who, 'resume', request),
    export: async who => exportConversation(desk(), who),
    erase: async who => erase(desk(), who),
    link: async (who, alias) => link(desk(), who, alias),
    unlink: async (who, alias) => unlink(desk(), who, alias),
    stats: async () => desk().store.stats(),
    parked: async ({ cursor = null, limit = PAGE } = {}) => desk().store.parkedList(cursor, limit),
    parkedEvents: async (who, range) => parkedEvents(desk(), who, range),
    redrive: async (who, key, request) => redrive(desk(), who, key, request),
    discard: async (who, key, request) => discard(desk(), who, key, request),
    causes: async () => causes(desk()),
    redriveAll: async (which, request) => redriveAll(desk(), which, request),
    holdAll: async (which, request) => holdAll(desk(), which, request),
    resumeAll: async (which, request) => resumeAll(desk(), which, request),
    held: async ({ cursor = null, limit = PAGE } = {}) => desk().store.heldList(cursor, limit),
    reseal: async options => reseal(desk(), options)
  }
}

function deskOf(runtime: Runtime): Desk {
  const running = Runtime.runningOf(runtime)
  if (running === null) return fail('CHP_NOT_STARTED', 'An operator needs a started runtime.')
  return {
    ...partsOf(running.parts),
    idOf: address => runtime.conversation(address).id,
    command: (conversation, event) => running.conversations.command(conversation, event)
  }
}

function partsOf(parts: Parts): Omit<Desk, 'idOf' | 'command'> {
  const { clock, random, log } = parts
  return { ...lensOf(parts), clock, random, log }
}
