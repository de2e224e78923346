import type { ConversationRecord } from '../../conversation/record.ts'
import type { Commit, ConversationStore, Deferral } from '../../store/conversation-store.ts'
import type { EventLine } from '../event-log/event-line.ts'
import type { MemoryStore } from '../memory-store.ts'
import type { SimulatedClock } from '../simulated-clock.ts'

/** The event log of a whole world: the lines of every process, and those of the store between. */
export class WorldLog {
  readonly lines: string[] = []
  readonly #clock: SimulatedClock
  #seq = 0

  constructor(clock: SimulatedClock) {
    this.#clock = clock
  }

  tell(
    kind: EventLine['kind'],
    fields: Partial<Omit<EventLine, 'kind' | 'seq' | 'mono' | 'wall' | 'proc' | 'line'>> = {}
  ): void {
    this.#seq += 1
    const mono = this.#clock.monotonicMs()
    const wall = this.#clock.nowMs()
    this.lines.push(JSON.stringify({ seq: this.#seq, mono, wall, proc: 'world', kind, ...fields }))
  }
}

/** The conversations that were ever written, and the store that tells of every write. */
export interface Truth {
  readonly store: ConversationStore
  readonly conversations: ReadonlySet<string>
  /** Takes the store back to how it was when this was made. */
  snapshot(): () => Promise<void>
}

/** The model, telling the log what became true, once and at the moment it did. */
export function truthOf(model: MemoryStore, log: WorldLog): Truth {
  const conversations = new Set<string>()
  const heads = new Map<string, string>()
  const tell = (
    conv: string,
    { epoch, head: key }: Pick<Commit | Deferral, 'epoch' | 'head'>,
    ver: number,
    rest: Pick<EventLine, 'first' | 'place' | 'within' | 'schema'>
  ): void => {
    conversations.add(conv)
    if (heads.get(conv) === key) return
    heads.set(conv, key)
    log.tell('stored', { conv, epoch, ver, key, ...rest })
  }
  const told: Partial<ConversationStore> = {
    commit: async (conv, commit) => {
      const outcome = await model.commit(conv, commit)
      if (outcome.tag !== 'committed') return outcome
      const { fence, firstSequence: first } = outcome
      tell(conv, { ...commit, ...fence }, fence.version, { first, ...toldOf(commit) })
      return outcome
    },
    defer: async (conv, deferral) => {
      const outcome = await model.defer(conv, deferral)
      if (outcome.tag === 'committed') tell(conv, deferral, outcome.version, {})
      return outcome
    },
    acknowledged: async (conv, epoch, last) => {
      const outcome = await model.acknowledged(conv, epoch, last)
      if (outcome === 'done') log.tell('marked', { conv, epoch, through: last.sequence })
      return outcome
    },
    settleDue: (...due) => settled(model, log, due),
    erase: async (...erasure) => {
      const outcome = await erased(model, log, erasure)
      if (outcome === 'erased') heads.delete(erasure[0])
      return outcome
    }
  }
  let restoring: Promise<void> | null = null
  const tellAll = async (): Promise<void> => {
    for (const conv of conversations) {
      const standing = await standingOf(model, conv)
      if (standing.key !== undefined) heads.set(conv, standing.key)
      log.tell('restored', { conv, ...standing })
    }
    restoring = null
  }
  const snapshot = (): (() => Promise<void>) => {
    const restore = model.snapshot()
    return () => {
      restore()
      heads.clear()
      restoring = tellAll()
      return restoring
    }
  }
  return { store: overlaid(model, told, () => restoring), conversations, snapshot }
}

/** The model with some of its calls in another form; all of them wait until this has settled. */
function overlaid(
  model: MemoryStore,
  told: Partial<ConversationStore>,
  busy: () => Promise<void> | null
): ConversationStore {
  return new Proxy<ConversationStore>(model, {
    get: (target, property) => {
      const value: unknown = Reflect.get(Object.hasOwn(told, property) ? told : target, property)
      if (typeof value !== 'function') return value
      return (...args: readonly unknown[]) => {
        const call = (): unknown => Reflect.apply(value, target, args)
        return busy()?.then(call) ?? call()
      }
    }
  })
}

/** Where a commit led that gave an event up, and its schema when that is not the first. */
function toldOf({ park, history, record }: Commit): Pick<EventLine, 'place' | 'within' | 'schema'> {
  const schema = Number(/^L\d+ (\d+) /.exec(record)?.[1] ?? 1)
  const { to: place } = park === null ? {} : (JSON.parse(history) as { readonly to?: string })
  const within = park === null ? null : withinOf(record)
  return {
    ...(place === undefined ? {} : { place }),
    ...(within === null ? {} : { within }),
    ...(schema > 1 ? { schema } : {})
  }
}

/** The step of the outermost flow that waits for a sub-flow of this record; null for none. */
function withinOf(record: string): string | null {
  let { caller } = bodyOf(record).flow
  while (caller !== null && caller.caller !== null) caller = caller.caller
  return caller === null ? null : `${caller.flow}.${caller.step}`
}

/** Settles a due time, and tells when one of the timers is due before it. */
async function settled(
  model: MemoryStore,
  log: WorldLog,
  [conv, fence, dueMs, through]: Parameters<ConversationStore['settleDue']>
): Promise<'done' | 'conflict'> {
  const settling = model.settleDue(conv, fence, dueMs, through)
  // Asked in the same step: what is committed after it has a due time of its own.
  const standing = model.export(conv)
  const outcome = await settling
  if (outcome !== 'done' || fence === null) return outcome
  const [record = ''] = (await standing).slots
  const asleep = firstTimer(record)
  if (asleep < (dueMs ?? Infinity)) log.tell('settled', { conv, asleep })
  return outcome
}

/** When the first timer of this record is due, in store time; one that is spoilt has none. */
function firstTimer(record: string): number {
  try {
    const { timers = [], meta } = bodyOf(record) as Partial<ConversationRecord>
    return meta?.held === undefined ? Math.min(...timers.map(({ dueMs }) => dueMs)) : Infinity
  } catch (error) {
    if (error instanceof SyntaxError) return Infinity
    throw error
  }
}

function bodyOf(record: string): ConversationRecord {
  return JSON.parse(record.slice(record.indexOf('\n'))) as ConversationRecord
}

/** Erases a conversation, and tells so. */
async function erased(
  model: MemoryStore,
  log: WorldLog,
  [conv, epoch, tombstone]: Parameters<ConversationStore['erase']>
): Promise<'erased' | 'gone'> {
  const { aliases, fence } = await model.export(conv)
  const outcome = await model.erase(conv, epoch, tombstone)
  // A repeat changes nothing, though the conversation has begun anew since.
  if (outcome !== 'erased' || fence?.epoch === tombstone) return outcome
  const left = await leftOf(model, conv, aliases)
  log.tell('erased', { conv, epoch: tombstone, ...(left === '' ? {} : { outcome: left }) })
  return outcome
}

/** Where there is still something of an erased conversation. */
async function leftOf(
  model: ConversationStore,
  conv: string,
  aliases: readonly string[]
): Promise<string> {
  const [kept, index, parked, held] = await Promise.all([
    model.export(conv),
    model.list(null, 1_000),
    model.parkedList(null, 1_000),
    model.heldList(null, 1_000)
  ])
  const { slots, history, inbox, undelivered, calls, wakeMs } = kept
  const left = Object.entries({ slots, history, inbox, undelivered, calls, parked: kept.parked })
    .filter(([, rows]) => rows.length > 0)
    .map(([what]) => what)
  for (const [what, { ids }] of Object.entries({ index, parkedIndex: parked, heldIndex: held })) {
    if (ids.includes(conv)) left.push(what)
  }
  if (wakeMs !== null) left.push('due')
  for (const alias of aliases) {
    if ((await model.load(alias)).aliasOf === conv) left.push('aliases')
  }
  return left.join(', ')
}

/** How a conversation stands in the store, as fields of a line. */
export async function standingOf(
  model: ConversationStore,
  conv: string
): Promise<Pick<EventLine, 'ver' | 'epoch' | 'key' | 'first' | 'through'>> {
  const { fence, undelivered, acknowledgedThrough } = await model.load(conv)
  const through = acknowledgedThrough
  const first = (undelivered.at(-1)?.sequence ?? through) + 1
  if (fence === null) return { ver: 0, first, through }
  return { ver: fence.version, epoch: fence.epoch, key: fence.head, first, through }
}
