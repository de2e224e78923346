import * as t from 'io-ts'
import type { Address } from '../../conversation/address.ts'
import type { At, RungNote } from '../../conversation/decision.ts'
import {
  attachedCall,
  type Call,
  type ConversationRecord,
  type Core,
  Meta,
  Session,
  Timer
} from '../../conversation/record.ts'
import type { Loaded, Recoverable } from '../../store/conversation-store.ts'
import { checkTurn, type Tried, triedState } from './check-turn.ts'
import { detachedCalls } from './detached-calls.ts'
import { isKeyMissing, keysIn } from './missing-key.ts'
import {
  type Belongs,
  type Fault,
  type Reader,
  type ReadRecord,
  readRecord
} from './read-record.ts'
import { carriedOn, fullRecords, since } from './since.ts'
import type { Recovery, Standing } from './standing.ts'
import { fieldOf, storedCores, type Whole } from './stored-cores.ts'

/** What a store holds of a conversation that exists. */
export interface Found {
  readonly conversation: string
  readonly loaded: Loaded & { readonly fence: NonNullable<Loaded['fence']> }
  /** Who the conversation is with, where an event has told. */
  readonly address: Address | null
}

/**
 * Rung 1: the newest record, when it is a state of this bot and names the calls that are open;
 * otherwise what is wrong with it.
 */
export function readNewest(reader: Reader, { conversation, loaded }: Found): ReadRecord {
  const { fence, record, calls } = loaded
  const read = readRecord(reader, record ?? '', belongs(conversation, fence))
  if (read.tag !== 'valid') return read
  const open = new Set(calls.map(({ key }) => key))
  const named = new Set(read.record.calls.map(({ key }) => key))
  if (open.size === named.size && [...open].every(key => named.has(key))) return read
  const fault = { field: 'calls', rule: 'they are not the open calls of the store' }
  return { tag: 'invalid', version: read.version, value: read.value, fault }
}

/** The rungs below the first, from what else the store keeps; changes nothing, never throws. */
export function climb(
  reader: Reader,
  found: Found,
  newest: Exclude<ReadRecord, { tag: 'valid' }>,
  older: Recoverable
): Exclude<Standing, { tag: 'whole' }> {
  if (newest.tag === 'future' || newest.tag === 'past') return ofAnotherBuild(newest)
  const ladder = new Ladder(reader, found, newest, older)
  if (newest.tag === 'sealed' && isKeyMissing(found.loaded.record ?? '', ladder.readable)) {
    return { tag: 'blocked', blocked: { why: 'unreadable', failure: newest.failure } }
  }
  const reached = ladder.climb()
  // Where nothing is left to go on with, a build that reads an older record may still have it.
  const unread = reached.recovery.rung === 4 ? ladder.ofAnotherBuild : undefined
  return unread === undefined ? reached : ofAnotherBuild(unread)
}

type Unread = Extract<ReadRecord, { tag: 'future' | 'past' }>

function ofAnotherBuild({ tag, failure }: Unread): Extract<Standing, { tag: 'blocked' }> {
  return { tag: 'blocked', blocked: { why: tag === 'future' ? 'future' : 'unreadable', failure } }
}

type Recovered = Extract<Standing, { tag: 'recovered' }>

class Ladder {
  readonly #reader: Reader
  readonly #found: Found
  readonly #older: Recoverable
  readonly #notes: RungNote[]
  readonly #reads: readonly { readonly text: string; readonly read: ReadRecord }[]
  readonly #whole: readonly Whole[]
  readonly #at: At
  readonly #calls: readonly Call[]
  readonly #cores: readonly Core[]

  constructor(
    reader: Reader,
    found: Found,
    newest: Exclude<ReadRecord, { tag: 'valid' } | Unread>,
    older: Recoverable
  ) {
    const { conversation, loaded, address } = found
    const { fence, nowMs, record } = loaded
    this.#reader = reader
    this.#found = found
    this.#older = older
    const fault =
      newest.tag === 'sealed'
        ? { field: 'core', rule: 'a secret in it does not open' }
        : newest.fault
    this.#notes = [failed(1, fault)]
    const texts = new Set([...older.slots, ...fullRecords(older.history)])
    this.#reads = Array.from(texts, text => ({
      text,
      read: readRecord(reader, text, belongs(conversation, fence))
    }))
    this.#whole = this.#reads
      .flatMap(({ read }) => (read.tag === 'valid' || read.tag === 'invalid' ? [read] : []))
      .toSorted((one, other) => other.version - one.version)
    const commit = { epoch: fence.epoch, version: fence.version + 1, nonce: 'check' }
    this.#at = { nowMs, seed: 0, commit }
    this.#calls = detachedCalls(reader.program, loaded.calls, this.#whole, older.history)
    this.#cores = storedCores(reader, {
      conversation,
      address,
      whole: this.#whole,
      broken: this.#reads.flatMap(({ text, read }) => (read.tag === 'broken' ? [text] : [])),
      newestIsBroken: newest.tag === 'broken' && older.slots[0] === record,
      since: version => since(older.history, fence.version, version),
      at: this.#at
    })
  }

  /** Texts of records that were read, secrets and all. */
  get readable(): readonly string[] {
    return this.#reads.flatMap(({ text, read }) =>
      read.tag === 'valid' || read.tag === 'invalid' ? [text] : []
    )
  }

  /** A record that only another build can read. */
  get ofAnotherBuild(): Unread | undefined {
    return this.#reads
      .map(({ read }) => read)
      .find(read => read.tag === 'future' || read.tag === 'past')
  }

  climb(): Recovered {
    return this.#olderState() ?? this.#menu() ?? this.#reached(4, null, null)
  }

  #olderState(): Recovered | null {
    const rest = this.#reads
      .flatMap(({ read }) => (read.tag === 'valid' ? [read] : []))
      .filter(({ record }) => attachedCall(record) === undefined)
      .toSorted((one, other) => other.version - one.version)[0]
    if (rest === undefined) return this.#gaveUp(2, NO_REST)
    const { version, record } = rest
    if (this.#found.loaded.effectAt > version) return this.#gaveUp(2, EFFECT_SINCE)
    const lately = since(this.#older.history, this.#found.loaded.fence.version, version)
    const state = { ...record, ...carriedOn(record, lately), calls: this.#calls }
    const tried = this.#firstFit(core => {
      const fit = triedState(this.#reader.program, { ...state, core })
      return fit.tag === 'fit' ? checkTurn(this.#reader.program, fit.record, this.#at) : fit
    })
    if (tried.tag === 'fit') return this.#reached(2, tried.record, version)
    return this.#gaveUp(2, tried.fault)
  }

  #menu(): Recovered | null {
    const { program } = this.#reader
    const tried = this.#firstFit(core => {
      const fit = triedState(program, () => this.#bare(core))
      if (fit.tag !== 'fit') return fit
      // The menu must be reached and must hold; the very reset is decided on the event itself.
      const menu = checkTurn(program, fit.record, this.#at, 'reset')
      return menu.tag === 'fit' ? fit : menu
    })
    if (tried.tag === 'fit') return this.#reached(3, tried.record, null)
    return this.#gaveUp(3, tried.fault)
  }

  /** A state that has nothing but its core; session and timers as far as they can be read. */
  #bare(core: Core): ConversationRecord {
    const fresh = this.#reader.program.initial(core.channel, this.#at)
    const session = this.#part('session', Session)
    const meta = this.#part('meta', Meta)
    const timers = this.#part('timers', Timers)
    const from = session?.version ?? 0
    const lately = since(this.#older.history, this.#found.loaded.fence.version, from)
    const clocks = {
      timers: timers?.value ?? fresh.timers,
      session: session?.value ?? fresh.session
    }
    return {
      ...fresh,
      core,
      calls: this.#calls,
      ...(session === null ? clocks : carriedOn(clocks, lately)),
      meta: meta?.value ?? fresh.meta
    }
  }

  #firstFit(attempt: (core: Core) => Tried): Tried {
    let last: Tried = { tag: 'unfit', fault: { field: 'core', rule: 'no core decodes' } }
    for (const core of this.#cores) {
      last = attempt(core)
      if (last.tag === 'fit') return last
    }
    return last
  }

  #gaveUp(rung: 2 | 3, fault: Fault): null {
    this.#notes.push(failed(rung, fault))
    return null
  }

  #reached(rung: Recovery['rung'], record: ConversationRecord | null, version: number | null) {
    const passed = { kind: 'recovery' as const, rung, passed: true, field: null, rule: null }
    const recovery: Recovery = {
      rung,
      notes: [...this.#notes, { ...passed, version }],
      raw: this.#found.loaded.record ?? '',
      others: this.#unreadable(),
      keys: this.readable.flatMap(keysIn),
      calls: this.#calls,
      initializedAt: this.#part('meta', Meta)?.value.initializedAt ?? null,
      held: null,
      addressed: this.#found.address !== null
    }
    return { tag: 'recovered' as const, recovery, record }
  }

  /** Slots that cannot be read, but for the newest record. */
  #unreadable(): readonly string[] {
    const readable = new Set(this.readable)
    const { record } = this.#found.loaded
    return this.#older.slots.filter(text => text !== record && !readable.has(text))
  }

  /** A part of the newest whole record in which it fits its codec. */
  #part<T>(
    field: string,
    codec: t.Type<T>
  ): { readonly value: T; readonly version: number } | null {
    for (const { value, version } of this.#whole) {
      const part = fieldOf(value, field)
      if (codec.is(part)) return { value: part, version }
    }
    return null
  }
}

const Timers = t.readonlyArray(Timer)
const NO_REST: Fault = { field: 'record', rule: 'no other record is valid and waits for no call' }
const EFFECT_SINCE: Fault = { field: 'calls', rule: 'an effect was begun after the older record' }

function failed(rung: 1 | 2 | 3, { field, rule }: Fault): RungNote {
  return { kind: 'recovery', rung, passed: false, field, rule, version: null }
}

function belongs(conversation: string, { epoch, version }: Found['loaded']['fence']): Belongs {
  return { conversation, epoch, version }
}
