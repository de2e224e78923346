import { isRight } from 'fp-ts/lib/Either.js'
import { parse } from 'fp-ts/lib/Json.js'
import * as t from 'io-ts'
import type { ConversationRecord } from '../conversation/record.ts'
import { failureOf } from '../kernel/failure.ts'
import type {
  Commit,
  CommitOutcome,
  ConversationStore,
  DeferOutcome,
  Deferral
} from '../store/conversation-store.ts'
import { POLICY } from '../supervision/policy.ts'
import { comparable, type EventFields, type EventLog } from './event-log.ts'
import type { HistoryEntry } from './history-row.ts'
import { REPLY, readReplyRow } from './rows.ts'

/** A store that writes into the event log what is asked of it, and what it answers. */
export function observedStore(store: ConversationStore, events: EventLog): ConversationStore {
  const told: Partial<ConversationStore> = {
    load: async conv => {
      const loaded = await store.load(conv)
      const { fence, acknowledgedThrough: through } = loaded
      const known =
        fence === null
          ? { ver: 0 }
          : { epoch: fence.epoch, ver: fence.version, key: fence.head, through }
      events.tell('load', { conv, ...known })
      return loaded
    },
    commit: async (conv, commit) => {
      const fields = { conv, ...commitFields(commit, events) }
      events.tell('commit.try', fields)
      const outcome = await known(() => store.commit(conv, commit), fields, events)
      tellOutcome(outcome, fields, commit, events)
      return outcome
    },
    defer: async (conv, deferral) => {
      const fields = { conv, ...deferFields(deferral) }
      events.tell('commit.try', fields)
      const outcome = await known(() => store.defer(conv, deferral), fields, events)
      const ver = outcome.tag === 'committed' ? { ver: outcome.version } : {}
      tellOutcome(outcome, { ...fields, ...ver }, null, events)
      return outcome
    },
    acknowledged: async (conv, epoch, last) => {
      const outcome = await store.acknowledged(conv, epoch, last)
      events.tell('out.mark', { conv, epoch, through: last.sequence, outcome })
      return outcome
    }
  }
  return new Proxy(store, {
    get: (target, property) => {
      if (Object.hasOwn(told, property)) return Reflect.get(told, property) as unknown
      const value: unknown = Reflect.get(target, property)
      if (typeof value !== 'function') return value
      return (...args: readonly unknown[]) => Reflect.apply(value, target, args) as unknown
    }
  })
}

async function known<T>(
  call: () => Promise<T>,
  { conv, epoch, key }: EventFields,
  events: EventLog
): Promise<T> {
  try {
    return await call()
  } catch (error) {
    const outcome = failureOf(error)?.code ?? 'thrown'
    events.tell('commit.unknown', { ...named({ conv, epoch, key }), outcome })
    throw error
  }
}

function tellOutcome(
  outcome: CommitOutcome | DeferOutcome,
  fields: EventFields,
  commit: Commit | null,
  events: EventLog
): void {
  const { conv, epoch, ver, key } = fields
  const short = named({ conv, epoch, ver, key })
  switch (outcome.tag) {
    case 'committed': {
      const first = 'firstSequence' in outcome ? { first: outcome.firstSequence } : {}
      const stored = 'fence' in outcome ? { ver: outcome.fence.version } : {}
      events.tell('commit.ok', { ...short, ...stored, ...first })
      for (const closed of commit?.closeCalls ?? []) {
        events.tell('effect.result', { ...named({ conv, ver }), key: closed })
      }
      return
    }
    case 'duplicate':
      events.tell('commit.dup', short)
      return
    case 'conflict':
    case 'gone':
      events.tell('commit.conflict', { ...short, outcome: outcome.tag })
      return
    case 'full':
      events.tell('commit.refused', { ...short, outcome: `full: ${outcome.what}` })
      return
    case 'oversize':
      events.tell('commit.refused', { ...short, outcome: 'oversize' })
  }
}

function commitFields(commit: Commit, events: EventLog): EventFields {
  const { parent, epoch, head, replies, openCall, closeCalls, append, park } = commit
  const { causes, notes } = JSON.parse(commit.history) as Pick<HistoryEntry, 'causes' | 'notes'>
  const record = recordIn(commit.record)
  // An event for which the policy holds the conversation waits: it was not decided.
  const gaveUp = notes.some(note => note.kind === 'held' && note.by === POLICY)
  const redriven = notes.find(isRedriven)
  const parkedReplies = (commit.setAside ?? []).flatMap(replyIn)
  const took = causes.map(({ kind, id }) => `${kind} ${id}`)
  const out = replies.map(row => {
    const { at, reply } = readReplyRow(row)
    return [at, events.digest(reply)] as const
  })
  return {
    epoch,
    ver: (parent?.version ?? 0) + 1,
    key: head,
    parent: parent === null || parent.version === 0 ? null : parent.head,
    digest: events.digest(comparable(record)),
    took: redriven !== undefined || (append === null && (!gaveUp || park !== null)) ? took : [],
    ...(append === null || redriven !== undefined ? {} : { defers: took[0] ?? '' }),
    ...(redriven === undefined ? {} : offeredAgain(redriven, replies)),
    ...(parkedReplies.length === 0 ? {} : { refused: parkedReplies }),
    ...(gaveUp ? { heldFor: record.meta.held?.failed?.cause ?? '' } : {}),
    ...(out.length === 0 ? {} : { out }),
    ...(openCall === null ? {} : { opens: openCall.key }),
    ...(closeCalls.length === 0 ? {} : { closes: closeCalls }),
    ...(record.timers.length === 0
      ? {}
      : { timers: record.timers.map(({ id, dueMs }) => `${id}@${dueMs}`) }),
    ...(commit.acknowledgedThrough === null ? {} : { through: commit.acknowledgedThrough }),
    ...(park === null ? {} : { parks: true }),
    ...(notes.some(note => note.kind === 'parked' && note.kept) ? { asItWas: true } : {}),
    ...(commit.unreadable === null ? {} : { recovers: true }),
    ...(notes.some(({ kind }) => kind === 'migrated') ? { migrated: record.schema } : {}),
    ...standing(commit, record),
    ...wentBack(notes)
  }
}

/** What the conversation waits for after a commit. */
function standing({ attached, effect }: Commit, { flow, meta }: ConversationRecord): EventFields {
  const held = meta.held !== undefined && meta.held.handover !== true
  return {
    ...(attached || meta.held !== undefined ? { waits: true } : {}),
    ...(held ? { held } : {}),
    ...(effect ? { effect } : {}),
    ...(flow.prompt === null ? {} : { prompt: flow.prompt.instance })
  }
}

/** An operator's order is obeyed on what was recovered before. */
function wentBack(notes: HistoryEntry['notes']): EventFields {
  for (const note of notes.toReversed()) {
    if (note.kind === 'rolledBack') {
      return { from: note.version, ...(note.acrossEffects ? { across: true } : {}) }
    }
    if (note.kind === 'recovery' && note.version !== null) return { from: note.version }
  }
  return {}
}

type Redriven = Extract<HistoryEntry['notes'][number], { readonly parked: string }>

function isRedriven(note: HistoryEntry['notes'][number]): note is Redriven {
  return note.kind === 'redriven'
}

function offeredAgain({ parked }: Redriven, replies: readonly string[]): EventFields {
  // A parked row is named by its event and when it was parked.
  const id = parked.slice(0, parked.lastIndexOf('@'))
  // A reply is owed again by the order itself: nothing waits for it. An event must wait.
  return replies.length > 0 ? { resends: id } : { redrives: id }
}

/** The key of the refused reply that a text parks; none for what else is set aside. */
function replyIn(text: string): readonly string[] {
  const row = parse(text)
  const refused = isRight(row) ? ParkedReply.decode(row.right) : row
  return isRight(refused) ? [refused.right.id] : []
}

const ParkedReply = t.type({ kind: t.literal(REPLY), id: t.string })

function deferFields({ epoch, head, history }: Deferral): EventFields {
  const { deferred } = JSON.parse(history) as {
    readonly deferred: { readonly kind: string; readonly id: string }
  }
  return { epoch, key: head, took: [], defers: `${deferred.kind} ${deferred.id}` }
}

/** The record as text holds its JSON after one line of header; secrets in it stay sealed. */
function recordIn(text: string): ConversationRecord {
  return JSON.parse(text.slice(text.indexOf('\n') + 1)) as ConversationRecord
}

/** Fields that are known; the others are left out. */
function named(
  fields: { readonly [K in keyof EventFields]?: EventFields[K] | undefined }
): EventFields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
