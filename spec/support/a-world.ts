import { EventEmitter, once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import type { ChannelHost, Receipt } from '../../lib/channel/channel.ts'
import type { Program } from '../../lib/conversation/program.ts'
import type { Clock } from '../../lib/kernel/clock.ts'
import { seededRandom } from '../../lib/kernel/random.ts'
import {
  type ConversationHandle,
  createRuntime,
  type Runtime,
  type RuntimeOptions
} from '../../lib/runtime/runtime.ts'
import type { RuntimeEvents, TurnTrace } from '../../lib/runtime/trace.ts'
import type { CommitOutcome, ConversationStore } from '../../lib/store/conversation-store.ts'
import { type FaultyStore, faultyStore } from '../../lib/testing/faulty-store.ts'
import { memoryStore } from '../../lib/testing/memory-store.ts'
import { type SimulatedClock, simulatedClock } from '../../lib/testing/simulated-clock.ts'
import { chainProgram } from './chain-program.ts'
import { type Offer, type RecordedChannel, recordedChannel } from './recorded-channel.ts'

/** One version as the store took it. */
export interface Landed {
  readonly conversation: string
  readonly version: number
  readonly head: string
  readonly causes: readonly string[]
  readonly atMs: number
  /** The first cause was given up: its step is a reset. */
  readonly parked: boolean
  /** Key of the call that the last cause opened. */
  readonly opened: string | null
  /** The cause went to the inbox, and the commit only told its member so. */
  readonly appended: boolean
}

/** One simulated process: a runtime, its channel, and what could be heard of it. */
export interface Process {
  readonly runtime: Runtime
  readonly channel: RecordedChannel
  readonly host: ChannelHost
  readonly turns: TurnTrace[]
  readonly heard: { readonly name: keyof RuntimeEvents; readonly event: unknown }[]
  readonly log: string[]
  chat(user?: string): ConversationHandle
  say(id: string, text?: string, user?: string): Promise<Receipt>
  /** As kill -9: nothing it still does reaches the store, the channel or the clock. */
  kill(): void
  readonly alive: boolean
  /** Its store answers nothing until the returned function is called. */
  cut(): () => void
}

interface ProcessOptions extends Partial<Omit<RuntimeOptions, 'bot' | 'store'>> {
  readonly bot?: Program
  /** False: no channel is mounted, replies go out with receipts. */
  readonly mounted?: boolean
}

/** A store, a clock and any number of processes on them. */
export interface World {
  readonly clock: SimulatedClock
  readonly model: ConversationStore
  readonly store: FaultyStore
  readonly landed: Landed[]
  readonly offers: Offer[]
  start(options?: ProcessOptions): Promise<Process>
  made(options?: ProcessOptions): Process
  /** Lets everything go on until nothing is on its way, moving the clock only when it must. */
  settle(): Promise<void>
  /** Moves the clock in steps, letting everything go on after each. */
  pass(ms: number): Promise<void>
}

export const ADDRESS = { channel: 'chan', account: 'a', user: 'u' } as const

/** A world at rest; its clock stands at a million milliseconds. */
export function aWorld(): World {
  const clock = simulatedClock({ startMs: 1_000_000 })
  const model = memoryStore({ clock })
  const landed: Landed[] = []
  const store = faultyStore(logged(model, landed, clock), { clock })
  const offers: Offer[] = []
  const processes: Process[] = []
  const made = (options: ProcessOptions = {}): Process => {
    const process = aProcess({ clock, store, model, offers }, options, processes.length)
    processes.push(process)
    return process
  }
  const world: World = {
    clock,
    model,
    store,
    landed,
    offers,
    made,
    start: async options => {
      const process = made(options)
      // To start takes time: what was committed before is older than the start.
      clock.advanceTo(clock.nowMs() + 1)
      const started = process.runtime.start()
      await until(clock, started)
      return process
    },
    settle: () => settled(clock, processes),
    pass: async ms => {
      const endMs = clock.nowMs() + ms
      while (clock.nowMs() < endMs) {
        await turns(6)
        clock.advanceTo(Math.min(endMs, Math.max(clock.nextDueMs() ?? endMs, clock.nowMs())))
      }
      await turns(6)
    }
  }
  return world
}

/** Waits for a promise, moving the clock while it is not settled. */
export async function until<T>(clock: SimulatedClock, promise: Promise<T>): Promise<T> {
  let done = false
  const mark = (): void => {
    done = true
  }
  promise.then(mark, mark)
  for (let rounds = 0; rounds < 20_000; rounds += 1) {
    await turns(6)
    if (done) return promise
    const next = clock.nextDueMs()
    if (next !== null) clock.advanceTo(next)
  }
  throw new Error('The promise is not settled after 20,000 moves of the clock.')
}

/** Lets the event loop turn this often. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await setImmediate()
}

interface Life {
  alive: boolean
  cut: Promise<unknown> | null
}

interface Ground {
  readonly clock: SimulatedClock
  readonly store: ConversationStore
  readonly model: ConversationStore
  readonly offers: Offer[]
}

function aProcess(
  { clock, store, model, offers }: Ground,
  { bot = chainProgram(), mounted = true, ...options }: ProcessOptions,
  index: number
): Process {
  const life: Life = { alive: true, cut: null }
  const own = livingClock(options.clock ?? clock, life)
  const by = options.instance ?? `p${index}`
  const log: string[] = []
  const write = (fields: object, message = ''): void => {
    log.push(`${JSON.stringify(fields)} ${message}`)
  }
  const runtime = createRuntime({
    logger: { debug: write, info: write, warn: write, error: write },
    random: seededRandom(index + 1),
    ...options,
    bot,
    clock: own,
    instance: by,
    store: livingStore(store, life)
  })
  const channel = recordedChannel({ by, store: model, clock, offers })
  const host = runtime.mount({
    ...channel,
    name: mounted ? 'chan' : 'unused',
    unfit: reply => channel.unfit(reply),
    send: (outgoing, signal) => (life.alive ? channel.send(outgoing, signal) : never())
  })
  const turnsTaken: TurnTrace[] = []
  const heard: Process['heard'] = []
  for (const name of ['restarted', 'parked', 'rollback', 'alarm'] as const) {
    runtime.on(name, event => heard.push({ name, event }))
  }
  runtime.on('turn', turn => turnsTaken.push(turn))
  const chat = (user = 'u'): ConversationHandle => runtime.conversation({ ...ADDRESS, user })
  return {
    runtime,
    channel,
    host,
    turns: turnsTaken,
    heard,
    log,
    chat,
    say: (id, text = 'hi', user = 'u') =>
      chat(user).receive({ id, content: { kind: 'text', text } }),
    kill: () => {
      life.alive = false
    },
    cut: () => {
      const line = new EventEmitter()
      life.cut = once(line, 'healed')
      return () => void line.emit('healed')
    },
    get alive() {
      return life.alive
    }
  }
}

async function settled(clock: SimulatedClock, processes: readonly Process[]): Promise<void> {
  for (let rounds = 0; rounds < 20_000; rounds += 1) {
    await turns(6)
    const busy = processes.filter(({ alive, runtime }) => alive && !isAtRest(runtime))
    if (busy.length === 0) return
    const next = clock.nextDueMs()
    if (next !== null) clock.advanceTo(next)
  }
  throw new Error('The world does not settle.')
}

function isAtRest(runtime: Runtime): boolean {
  const { events, calls, sends, acknowledgements } = runtime.activity()
  return events + calls + sends + acknowledgements === 0
}

function livingClock(clock: Clock, life: Life): Clock {
  return {
    ...clock,
    after: (delayMs, run) => clock.after(delayMs, () => (life.alive ? run() : undefined))
  }
}

// A dead process neither reaches the store nor hears of what it had asked for.
function livingStore(store: ConversationStore, life: Life): ConversationStore {
  return new Proxy(store, {
    get: (target, property) => {
      const value: unknown = Reflect.get(target, property)
      if (typeof value !== 'function') return value
      return async (...args: readonly unknown[]) => {
        if (!life.alive) return never()
        if (life.cut !== null) await life.cut
        try {
          const result: unknown = await Reflect.apply(value, target, args)
          return life.alive ? result : await never()
        } catch (error) {
          if (life.alive) throw error
          return never()
        }
      }
    }
  })
}

function never(): Promise<never> {
  return new Promise(() => undefined)
}

function logged(store: ConversationStore, landed: Landed[], clock: Clock): ConversationStore {
  const note = (row: Omit<Landed, 'causes' | 'atMs'>, history: string): void => {
    const { conversation, head } = row
    if (landed.some(other => other.conversation === conversation && other.head === head)) return
    const read = JSON.parse(history) as { causes?: { id: string }[]; deferred?: { id: string } }
    const causes = read.causes?.map(({ id }) => id) ?? [`deferred ${read.deferred?.id}`]
    landed.push({ ...row, causes, atMs: clock.nowMs() })
  }
  return new Proxy(store, {
    get: (target, property) => {
      const value: unknown = Reflect.get(target, property)
      if (typeof value !== 'function') return value
      if (property === 'commit') {
        const commit: ConversationStore['commit'] = async (id, asked) => {
          const outcome: CommitOutcome = await target.commit(id, asked)
          if (outcome.tag !== 'committed') return outcome
          const { head, park, openCall, append, history } = asked
          const { version } = outcome.fence
          const marks = { parked: park !== null, appended: append !== null }
          note(
            { conversation: id, version, head, opened: openCall?.key ?? null, ...marks },
            history
          )
          return outcome
        }
        return commit
      }
      if (property === 'defer') {
        const defer: ConversationStore['defer'] = async (id, asked) => {
          const outcome = await target.defer(id, asked)
          if (outcome.tag !== 'committed') return outcome
          const { version } = outcome
          const { head, history } = asked
          const marks = { parked: false, appended: false, opened: null }
          note({ conversation: id, version, head, ...marks }, history)
          return outcome
        }
        return defer
      }
      return (...args: readonly unknown[]) => Reflect.apply(value, target, args) as unknown
    }
  })
}
