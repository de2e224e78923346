import { setImmediate } from 'node:timers/promises'
import { lmdbHome } from '../../examples/ledger/transcript/lmdb-home.ts'
import type { StoredTexts } from '../../examples/ledger/transcript/store-home.ts'
import type { Receipt } from '../../lib/channel/channel.ts'
import type { Content } from '../../lib/conversation/content.ts'
import type { Program } from '../../lib/conversation/program.ts'
import type { Metrics } from '../../lib/kernel/metrics.ts'
import { seededRandom } from '../../lib/kernel/random.ts'
import { type ConversationHandle, createRuntime, type Runtime } from '../../lib/runtime/runtime.ts'
import type { RuntimeEvents, TurnTrace } from '../../lib/runtime/trace.ts'
import type { ConversationStore } from '../../lib/store/conversation-store.ts'
import type { KeyRing } from '../../lib/store/seal.ts'
import { memoryStore } from '../../lib/testing/memory-store.ts'
import { type SimulatedClock, simulatedClock } from '../../lib/testing/simulated-clock.ts'

/** Stores whose texts a spec may damage, by name; `rewrite` is the damage. */
export const DAMAGEABLE = { memory: rewritableMemory, lmdb: rewritableLmdb } as const

interface Rewritable {
  readonly open: () => ConversationStore
  readonly rewrite: (id: string, change: (stored: StoredTexts) => StoredTexts) => Promise<void>
  readonly remove: () => Promise<void>
}

/** A process on a store that a spec damages; replies are those that were committed. */
export interface Talker {
  readonly runtime: Runtime
  readonly store: ConversationStore
  readonly turns: TurnTrace[]
  readonly recovered: RuntimeEvents['recovered'][]
  readonly alarms: RuntimeEvents['alarm'][]
  readonly setAside: RuntimeEvents['setAside'][]
  readonly log: Record<string, unknown>[]
  chat(user?: string): ConversationHandle
  say(id: string, said: string | Content, user?: string): Promise<Receipt>
  /** Looks at what is due, as a sweep does, until nothing but so many calls is on its way. */
  wake(user?: string, calls?: number): Promise<void>
  /** Texts of all replies, in order. */
  texts(user?: string): readonly string[]
  /** Until nothing is on its way but this many calls. */
  settle(calls?: number): Promise<void>
  stop(): Promise<void>
}

export interface Damageable {
  readonly clock: SimulatedClock
  start(
    bot: Program,
    options?: { readonly keys?: KeyRing; readonly metrics?: Metrics }
  ): Promise<Talker>
  rewrite(id: string, change: (stored: StoredTexts) => StoredTexts): Promise<void>
  /** From now on, whoever loads a row beside a record that reads so is given another text. */
  spoil(row: string, by: string): void
  remove(): Promise<void>
}

/** A store of this kind at rest, its clock at a million seconds. */
export async function damageable(kind: keyof typeof DAMAGEABLE): Promise<Damageable> {
  const clock = simulatedClock({ startMs: 1_000_000_000 })
  const kept = await DAMAGEABLE[kind](clock)
  const spoilt = new Map<string, string>()
  let processes = 0
  return {
    clock,
    rewrite: kept.rewrite,
    spoil: (row, by) => {
      spoilt.set(row, by)
    },
    remove: kept.remove,
    start: (bot, options = {}) => {
      processes += 1
      const store = withSpoilt(kept.open(), spoilt)
      return talker({ bot, clock, store, seed: processes, ...options })
    }
  }
}

/** The store with other texts in the place of rows, wherever they are loaded. */
function withSpoilt(
  store: ConversationStore,
  spoilt: ReadonlyMap<string, string>
): ConversationStore {
  const read = <T extends { readonly row: string }>(rows: readonly T[]): readonly T[] =>
    rows.map(held => ({ ...held, row: spoilt.get(held.row) ?? held.row }))
  const load: ConversationStore['load'] = async id => {
    const loaded = await store.load(id)
    if (spoilt.size === 0) return loaded
    const { calls, inbox, undelivered } = loaded
    return { ...loaded, calls: read(calls), inbox: read(inbox), undelivered: read(undelivered) }
  }
  return new Proxy(store, {
    get: (target, property) => {
      if (property === 'load') return load
      // Hours pass here: what is written every other second would take as many writes to a disk.
      if (property === 'keepProcess') return undefined
      const value: unknown = Reflect.get(target, property)
      if (typeof value !== 'function') return value
      return (...args: readonly unknown[]): unknown => Reflect.apply(value, target, args)
    }
  })
}

async function talker({
  bot,
  clock,
  store,
  seed,
  ...given
}: {
  readonly bot: Program
  readonly clock: SimulatedClock
  readonly store: ConversationStore
  readonly seed: number
  readonly keys?: KeyRing
  readonly metrics?: Metrics
}): Promise<Talker> {
  const log: Talker['log'] = []
  const write = (fields: object): void => {
    log.push(fields as Record<string, unknown>)
  }
  const io: Io = { open: 0 }
  const runtime = createRuntime({
    bot,
    store: counted(store, io),
    clock,
    random: seededRandom(seed),
    instance: `i${seed}`,
    logger: { debug: write, info: write, warn: write, error: write },
    ...given
  })
  const host = runtime.mount({
    name: 'never',
    sendTimeoutMs: 1_000,
    unfit: () => null,
    send: async () => ({ tag: 'refused', why: 'never asked' }),
    mount: mounted => mounted
  })
  const heard = heardOf(runtime)
  await runtime.start()
  const address = (user: string) => ({ channel: 'chan', account: 'a', user })
  const chat = (user = 'u'): ConversationHandle => runtime.conversation(address(user))
  const settle = (left = 0): Promise<void> => settled(runtime, io, left)
  return {
    runtime,
    store,
    ...heard,
    log,
    chat,
    say: (id, said, user) => ended(clock, io, chat(user).receive({ id, content: contentOf(said) })),
    wake: async (user = 'u', calls = 0) => {
      host.present(address(user))
      await settle(calls)
    },
    texts: user => {
      const { id } = chat(user)
      const own = heard.turns.filter(({ conversation }) => conversation === id)
      return own.flatMap(({ replies }) => replies.map(reply => ('text' in reply ? reply.text : '')))
    },
    settle,
    stop: () => runtime.stop({ graceMs: 0 })
  }
}

function contentOf(said: string | Content): Content {
  return typeof said === 'string' ? { kind: 'text', text: said } : said
}

function heardOf(runtime: Runtime): Pick<Talker, 'turns' | 'recovered' | 'alarms' | 'setAside'> {
  const turns: TurnTrace[] = []
  const recovered: Talker['recovered'] = []
  const alarms: Talker['alarms'] = []
  const setAside: Talker['setAside'] = []
  runtime.on('turn', turn => turns.push(turn))
  runtime.on('recovered', event => recovered.push(event))
  runtime.on('alarm', event => alarms.push(event))
  runtime.on('setAside', event => setAside.push(event))
  return { turns, recovered, alarms, setAside }
}

/** Calls of the store that are under way: while there are any, time stands still. */
interface Io {
  open: number
}

function counted(store: ConversationStore, io: Io): ConversationStore {
  return new Proxy(store, {
    get: (target, property) => {
      const value: unknown = Reflect.get(target, property)
      if (typeof value !== 'function') return value
      return async (...args: readonly unknown[]): Promise<unknown> => {
        io.open += 1
        try {
          return await (Reflect.apply(value, target, args) as Promise<unknown>)
        } finally {
          io.open -= 1
        }
      }
    }
  })
}

/** Turns of the event loop in which nothing moved, after which nothing will by itself. */
const IDLE_TURNS = 30

/** Waits for a promise; time moves when nothing else does, as for a run that is repeated. */
async function ended<T>(clock: SimulatedClock, io: Io, promise: Promise<T>): Promise<T> {
  let isOver = false
  const mark = (): void => {
    isOver = true
  }
  promise.then(mark, mark)
  for (let idle = 0; !isOver; ) {
    await setImmediate()
    idle = io.open === 0 ? idle + 1 : 0
    if (idle < IDLE_TURNS) continue
    clock.advanceTo(Math.max(clock.nowMs(), clock.nextDueMs() ?? 0))
    idle = 0
  }
  return promise
}

async function settled(runtime: Runtime, io: Io, left: number): Promise<void> {
  for (let quiet = 0; quiet < 4; ) {
    await setImmediate()
    const { events, calls } = runtime.activity()
    quiet = io.open === 0 && events === 0 && calls <= left ? quiet + 1 : 0
  }
}

async function rewritableLmdb(clock: SimulatedClock): Promise<Rewritable> {
  const home = await lmdbHome()
  return {
    open: () => home.open(clock),
    rewrite: (id, change) => home.rewrite(id, change),
    remove: () => home.remove()
  }
}

/** The memory store, with texts put in the place of others wherever they are read. */
async function rewritableMemory(clock: SimulatedClock): Promise<Rewritable> {
  const store = memoryStore({ clock })
  const inPlaceOf = new Map<string, string>()
  const read = (text: string): string => inPlaceOf.get(text) ?? text
  const rowOf = ({ head, row }: { head: string; row: string }) => `${head} ${row}`
  const recoverable: ConversationStore['recoverable'] = async id => {
    const { slots, history } = await store.recoverable(id)
    const rows = history.map(row => read(rowOf(row)))
    return {
      slots: slots.map(read),
      history: rows.map(text => {
        const blank = text.indexOf(' ')
        return { head: text.slice(0, blank), row: text.slice(blank + 1) }
      })
    }
  }
  const load: ConversationStore['load'] = async id => {
    const loaded = await store.load(id)
    return { ...loaded, record: loaded.record === null ? null : read(loaded.record) }
  }
  const rewritten = new Proxy(store, {
    get: (target, property) => {
      if (property === 'load') return load
      if (property === 'recoverable') return recoverable
      const value: unknown = Reflect.get(target, property)
      if (typeof value !== 'function') return value
      return (...args: readonly unknown[]): unknown => Reflect.apply(value, target, args)
    }
  })
  return {
    open: () => rewritten,
    remove: async () => undefined,
    rewrite: async (id, change) => {
      const { slots, history } = await store.recoverable(id)
      const rows = history.map(rowOf)
      const changed = change({ records: slots.map(read), history: rows.map(read) })
      for (const [index, text] of slots.entries()) inPlaceOf.set(text, changed.records[index]!)
      for (const [index, text] of rows.entries()) inPlaceOf.set(text, changed.history[index]!)
    }
  }
}
