import type { ListName } from '../conversation-store.ts'

// Keys are texts that sort as their numbers do: every number is padded to a fixed width.
const NUMBER_DIGITS = 16

/** The keys of one namespace. */
export interface LmdbKeys {
  readonly layout: string
  process(name: string): string
  /** The rows of all processes. */
  readonly processes: KeyRange
  conversation(id: string): ConversationKeys
  due(wakeMs: number, id: string): string
  dueBefore(wakeMs: number): KeyRange
  /** Every due time there is. */
  readonly allDue: KeyRange
  /** The place of a conversation in a list. */
  listed(name: ListName, minute: number, id: string): string
  /** Everything in a list. */
  wholeList(name: ListName): KeyRange
  /** Everything older than this position, the newest first. */
  listBefore(name: ListName, position: string | null): KeyRange
}

interface KeyRange {
  readonly start: string
  readonly end: string
}

/** The keys of one conversation. */
export interface ConversationKeys {
  readonly state: string
  /** A record, reply, inbox row or call by its field name. */
  field(name: string): string
  bucket(number: number): string
  /** The ids that lead here, parted by commas. */
  readonly aliases: string
  /** Where an alias leads: an id, a colon, an epoch. */
  readonly leadsTo: string
  /** The state of the tombstone beneath an alias. */
  readonly beneath: string
  /** Which process sends its replies, until when. */
  readonly hold: string
  /** Everything under the name of this conversation. */
  readonly all: KeyRange
  history(version: number): string
  parked(number: number): string
}

/** Names every key; no other file spells one. */
export function lmdbKeys(namespace: string): LmdbKeys {
  const root = `chp:${namespace}:`
  return {
    layout: `${root}layout`,
    process: name => `${root}process:${name}`,
    processes: { start: `${root}process:`, end: `${root}process;` },
    conversation: id => conversationKeys(`${root}c:${id}:`),
    due: (wakeMs, id) => `${root}due:${padded(wakeMs)}:${id}`,
    dueBefore: wakeMs => ({ start: `${root}due:`, end: `${root}due:${padded(wakeMs)}` }),
    allDue: { start: `${root}due:`, end: `${root}due;` },
    listed: (name, minute, id) => `${root}${name}:${position(minute, id)}`,
    wholeList: name => ({ start: `${root}${name}:`, end: `${root}${name};` }),
    listBefore: (name, at) => ({ start: `${root}${name}:${at ?? '~'}`, end: `${root}${name}:` })
  }
}

/** The place of a conversation in a list by minutes. */
function position(minute: number, id: string): string {
  return `${padded(minute)}.${id}`
}

/** The id at the end of a key of `due` or of a list. */
export function idOf(key: string): string {
  return key.slice(Math.max(key.lastIndexOf(':'), key.lastIndexOf('.')) + 1)
}

function conversationKeys(root: string): ConversationKeys {
  return {
    state: `${root}s`,
    aliases: `${root}l`,
    leadsTo: `${root}p`,
    beneath: `${root}t`,
    hold: `${root}w`,
    // A colon ends the name, and a semicolon comes right after it.
    all: { start: root, end: `${root.slice(0, -1)};` },
    field: name => root + name,
    bucket: number => `${root}d${number}`,
    history: version => `${root}h${padded(version)}`,
    parked: number => `${root}x${padded(number)}`
  }
}

function padded(number: number): string {
  return String(Math.max(0, Math.floor(number))).padStart(NUMBER_DIGITS, '0')
}
