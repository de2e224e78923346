import { pause } from '../kernel/clock.ts'
import { failureOf } from '../kernel/failure.ts'
import { inspect } from '../runtime/inspect.ts'
import { REPLY } from '../runtime/rows.ts'
import type { Listing, Loaded } from '../store/conversation-store.ts'
import type { Desk } from './desk.ts'
import { type HoldRequest, hold } from './hold.ts'
import { DAMAGED, eventsIn, type ParkedEvent } from './parked-events.ts'
import { type ParkedRequest, redrive } from './redrive.ts'

/** What failed for one reason: events that are parked, conversations that are held. */
export interface CauseGroup {
  readonly cause: string
  readonly code: string
  readonly where: string
  readonly parked: number
  readonly held: number
  /** Ids of the conversations; of more than 50 the first 50. */
  readonly conversations: readonly string[]
  readonly firstAt: number
  readonly lastAt: number
}

/** How something done to many conversations ended. */
export interface ManyOutcome {
  /** `stopped`: the first one failed again, so the others were left alone. */
  readonly tag: 'done' | 'stopped'
  /** Events or conversations it was done to. */
  readonly count: number
  /** The conversation that went alone; null where none could go. */
  readonly canary: string | null
  /** Conversations that refused, and why; one that refused is no canary. */
  readonly refused: readonly { readonly conversation: string; readonly why: string }[]
}

/** Which conversations. */
export interface Which {
  /** Only what failed for this reason; default: all. */
  readonly cause?: string
}

const SHOWN = 50
const PAGE = 200
/** How long the first one may take to show whether it fails again. */
const CANARY_MS = 30_000
const LOOK_MS = 50

/** Groups what is parked and held by cause, the most frequent first. */
export async function causes(desk: Desk): Promise<readonly CauseGroup[]> {
  const groups = new Map<string, CauseGroup>()
  const note = (met: Met, kind: 'parked' | 'held'): void => {
    const { cause, code, where, at, conversation } = met
    const known = groups.get(cause) ?? emptyGroup(met)
    const isListed = known.conversations.includes(conversation)
    const isShown = isListed || known.conversations.length >= SHOWN
    groups.set(cause, {
      ...known,
      code,
      where,
      [kind]: known[kind] + 1,
      conversations: isShown ? known.conversations : [...known.conversations, conversation],
      firstAt: Math.min(known.firstAt, at),
      lastAt: Math.max(known.lastAt, at)
    })
  }
  for (const event of await openEvents(desk, {})) note(metBy(event), 'parked')
  for (const held of await heldOnes(desk, {})) {
    if (held.cause !== null) note({ ...held, cause: held.cause }, 'held')
  }
  return [...groups.values()].sort((a, b) => b.parked + b.held - a.parked - a.held)
}

/** Runs parked events of a cause again; see `Operator.redriveAll`. */
export async function redriveAll(
  desk: Desk,
  which: Which,
  request: ParkedRequest
): Promise<ManyOutcome> {
  const events = await openEvents(desk, which)
  const again = async ({ conversation, key }: ParkedEvent): Promise<string | null> => {
    try {
      const outcome = await redrive(desk, conversation, key, request)
      return outcome.tag === 'redriven' ? null : whyOf(outcome)
    } catch (error) {
      const failure = failureOf(error)
      // A row or a record that cannot be read concerns its own conversation only.
      if (failure?.tag === 'Corrupt') return failure.detail
      throw error
    }
  }
  const fails = async ({ conversation, id, at }: ParkedEvent): Promise<boolean> => {
    const { parked } = await desk.store.export(conversation)
    return eventsIn(conversation, parked).some(other => other.id === id && other.at > at)
  }
  return canaryFirst(desk, events, again, { fails, waits: isOnItsWay })
}

/** What was run again waits: an event until it is taken, a reply until the channel has it. */
function isOnItsWay({ kind, id }: ParkedEvent, { inbox, undelivered }: Loaded): boolean {
  if (kind !== REPLY) return inbox.length > 0
  return undelivered.some(({ row }) => row.includes(`"key":${JSON.stringify(id)}`))
}

/** Lets held conversations go on; see `Operator.resumeAll`. */
export async function resumeAll(
  desk: Desk,
  which: Which,
  request: HoldRequest
): Promise<ManyOutcome> {
  const again = async ({ conversation }: HeldOne): Promise<string | null> => {
    const outcome = await hold(desk, conversation, 'resume', request)
    return outcome.tag === 'resumed' ? null : whyOf(outcome)
  }
  const fails = async ({ conversation }: HeldOne, sinceMs: number): Promise<boolean> => {
    const held = await heldOf(desk, conversation)
    const parked = eventsIn(conversation, await desk.store.parked(conversation))
    // What was found damaged, and a reply that the channel refused, is no failure of the event.
    const isEvent = ({ kind }: ParkedEvent): boolean => kind !== DAMAGED && kind !== REPLY
    return held !== null || parked.some(event => isEvent(event) && event.at >= sinceMs)
  }
  const waits = (_one: HeldOne, { inbox }: Loaded): boolean => inbox.length > 0
  return canaryFirst(desk, await heldOnes(desk, which), again, { fails, waits })
}

/** Holds conversations; see `Operator.holdAll`. */
export async function holdAll(
  desk: Desk,
  { cause }: Which,
  request: HoldRequest
): Promise<ManyOutcome> {
  const ids =
    cause === undefined
      ? await walked(cursor => desk.store.list(cursor, PAGE))
      : [...new Set((await openEvents(desk, { cause })).map(({ conversation }) => conversation))]
  let count = 0
  const refused: { conversation: string; why: string }[] = []
  for (const conversation of ids) {
    // Who has it in hand keeps it: a hold on top would be taken off by `resumeAll`.
    if ((await inspect(desk, conversation))?.held !== undefined) continue
    const outcome = await hold(desk, conversation, 'hold', request)
    if (outcome.tag === 'held') count += 1
    else refused.push({ conversation, why: whyOf(outcome) })
  }
  return { tag: 'done', count, canary: null, refused }
}

/** How the first one shows whether it fails again. */
interface Canary<T> {
  /** It failed again since then. */
  readonly fails: (one: T, sinceMs: number) => Promise<boolean>
  /** It cannot have shown that yet. */
  readonly waits: (one: T, loaded: Loaded) => boolean
}

/** The first that can go goes alone; when it fails again within its time, the others are left. */
async function canaryFirst<T extends { readonly conversation: string }>(
  desk: Desk,
  all: readonly T[],
  again: (one: T) => Promise<string | null>,
  look: Canary<T>
): Promise<ManyOutcome> {
  const refused: { conversation: string; why: string }[] = []
  let count = 0
  let canary: string | null = null
  const sinceMs = await desk.store.time()
  for (const one of all) {
    const why = await again(one)
    if (why !== null) {
      refused.push({ conversation: one.conversation, why })
      continue
    }
    count += 1
    if (canary !== null) continue
    canary = one.conversation
    if (await failsAgain(desk, one, sinceMs, look)) {
      return { tag: 'stopped', count, canary, refused }
    }
  }
  return { tag: 'done', count, canary, refused }
}

async function failsAgain<T extends { readonly conversation: string }>(
  { store, clock }: Desk,
  one: T,
  sinceMs: number,
  { fails, waits }: Canary<T>
): Promise<boolean> {
  const untilMs = clock.monotonicMs() + CANARY_MS
  while (clock.monotonicMs() < untilMs) {
    if (await fails(one, sinceMs)) return true
    if (!waits(one, await store.load(one.conversation))) return fails(one, sinceMs)
    await pause(clock, LOOK_MS)
  }
  // Nothing took it in all that time: nobody knows that it works.
  return true
}

interface Met {
  readonly cause: string
  readonly code: string
  readonly where: string
  readonly at: number
  readonly conversation: string
}

function emptyGroup({ cause, code, where, at }: Met): CauseGroup {
  return { cause, code, where, parked: 0, held: 0, conversations: [], firstAt: at, lastAt: at }
}

function metBy({ cause, code, where, at, conversation }: ParkedEvent): Met {
  return { cause: cause ?? `${code} ${where}`, code, where, at, conversation }
}

/** Parked events that nothing was done about yet, the oldest first. */
async function openEvents(desk: Desk, { cause }: Which): Promise<readonly ParkedEvent[]> {
  const found: ParkedEvent[] = []
  for (const id of await walked(cursor => desk.store.parkedList(cursor, PAGE))) {
    for (const event of eventsIn(id, await desk.store.parked(id))) {
      const isAsked = cause === undefined || metBy(event).cause === cause
      if (isAsked && event.state === 'open') found.push(event)
    }
  }
  return found.sort((a, b) => a.at - b.at)
}

/** A conversation that is held: by the policy for a cause, or by an operator for none. */
interface HeldOne extends Omit<Met, 'cause'> {
  readonly cause: string | null
}

/** Held conversations, those held longest first; those that a person has in hand are left out. */
async function heldOnes(desk: Desk, { cause }: Which): Promise<readonly HeldOne[]> {
  const found: HeldOne[] = []
  for (const id of await walked(cursor => desk.store.heldList(cursor, PAGE))) {
    const held = await heldOf(desk, id)
    if (held !== null && (cause === undefined || held.cause === cause)) found.push(held)
  }
  return found.sort((a, b) => a.at - b.at)
}

async function heldOf(desk: Desk, conversation: string): Promise<HeldOne | null> {
  const held = (await inspect(desk, conversation))?.held
  if (held === undefined || held.handover === true) return null
  const { cause = null, code = 'none', where = 'none' } = held.failed ?? {}
  return { conversation, cause, code, where, at: held.at }
}

async function walked(page: (cursor: string | null) => Promise<Listing>): Promise<string[]> {
  const ids = new Set<string>()
  let cursor: string | null = null
  do {
    const listing: Listing = await page(cursor)
    for (const id of listing.ids) ids.add(id)
    cursor = listing.cursor
  } while (cursor !== null)
  return [...ids]
}

function whyOf(outcome: { readonly tag: string }): string {
  return 'detail' in outcome ? String(outcome.detail) : outcome.tag
}
