// Keys are texts that sort as their numbers do: every number is padded to a fixed width.
const NUMBER_DIGITS = 16

/** The keys of one namespace. */
export interface LmdbKeys {
  readonly layout: string
  conversation(id: string): ConversationKeys
  due(wakeMs: number, id: string): string
  dueBefore(wakeMs: number): { readonly start: string; readonly end: string }
  active(minute: number, id: string): string
  /** Everything older than this position, the newest first. */
  activeBefore(position: string | null): { readonly start: string; readonly end: string }
}

/** The keys of one conversation. */
export interface ConversationKeys {
  readonly state: string
  /** A record, reply, inbox row or call by its field name. */
  field(name: string): string
  bucket(number: number): string
  history(version: number): string
  parked(number: number): string
}

/** Names every key; no other file spells one. */
export function lmdbKeys(namespace: string): LmdbKeys {
  const root = `chp:${namespace}:`
  return {
    layout: `${root}layout`,
    conversation: id => conversationKeys(`${root}c:${id}:`),
    due: (wakeMs, id) => `${root}due:${padded(wakeMs)}:${id}`,
    dueBefore: wakeMs => ({ start: `${root}due:`, end: `${root}due:${padded(wakeMs)}` }),
    active: (minute, id) => `${root}index:${position(minute, id)}`,
    activeBefore: at => ({ start: `${root}index:${at ?? '~'}`, end: `${root}index:` })
  }
}

/** The place of a conversation in the list by activity. */
function position(minute: number, id: string): string {
  return `${padded(minute)}.${id}`
}

/** The id at the end of a key of `due` or `active`. */
export function idOf(key: string): string {
  return key.slice(Math.max(key.lastIndexOf(':'), key.lastIndexOf('.')) + 1)
}

function conversationKeys(root: string): ConversationKeys {
  return {
    state: `${root}s`,
    field: name => root + name,
    bucket: number => `${root}d${number}`,
    history: version => `${root}h${padded(version)}`,
    parked: number => `${root}x${padded(number)}`
  }
}

function padded(number: number): string {
  return String(Math.max(0, Math.floor(number))).padStart(NUMBER_DIGITS, '0')
}
