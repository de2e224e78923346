import { Calls } from '../calls/calls.ts'
import type { Channel, ChannelHost, Heard, HeardStatus, Receipt } from '../channel/channel.ts'
import { Address } from '../conversation/address.ts'
import { Content } from '../conversation/content.ts'
import type { Program } from '../conversation/program.ts'
import type { OutsideEvent } from '../conversation/turn-event.ts'
import { type Clock, systemClock } from '../kernel/clock.ts'
import { fail } from '../kernel/failure.ts'
import { type Log, silentLog } from '../kernel/log.ts'
import { type Random, systemRandom } from '../kernel/random.ts'
import { Outbox } from '../outbox/outbox.ts'
import type { ConversationStore } from '../store/conversation-store.ts'
import { conversationId, epochOf, headsOf } from '../store/identity.ts'
import { type KeyRing, keyRing } from '../store/seal.ts'
import { defaultPolicy, type Policy } from '../supervision/policy.ts'
import { Sweeper } from '../timers/sweeper.ts'
import { Conversations } from './conversations.ts'
import { type Inspection, inspect } from './inspect.ts'
import { LIMITS, type Limits, type Parts } from './parts.ts'
import { StoreTime } from './store-time.ts'
import { type Listener, Listeners, type RuntimeEvents } from './trace.ts'

export interface RuntimeOptions {
  /** What `defineBot` made, or any other program. */
  readonly bot: Program
  readonly store: ConversationStore
  /** Seals secret fields; default: one key kept in the store's layout row. */
  readonly keys?: KeyRing
  readonly policy?: Policy
  readonly logger?: Log
  /**
   * Name of this process among those that share the store; give a restarted process its old name,
   * so that it takes over at once what it left. Default: a random one.
   */
  readonly instance?: string
  readonly limits?: Partial<Limits>
  readonly clock?: Clock
  readonly random?: Random
}

/** What a message must bear: an id of its channel that a redelivery repeats, and its content. */
export interface Message {
  readonly id: string
  readonly content: Content
}

/** One conversation, addressed by channel, account and user. */
export interface ConversationHandle {
  readonly id: string
  /** Takes its place in the mailbox before it returns; never rejects for a message's sake. */
  receive(message: Message): Promise<Receipt>
  /** The host bot speaks first: an event like any other, with an id of its own. */
  tell(told: { id: string; event: string; data?: unknown }): Promise<Receipt>
  inspect(): Promise<Inspection | null>
}

/** What runs now; all zero when nothing is on its way. */
export interface Activity {
  readonly events: number
  readonly calls: number
  readonly sends: number
  readonly acknowledgements: number
}

const ID_CHARACTERS_MOST = 512

type State = 'new' | 'started' | 'stopping' | 'stopped'

/**
 * The conversational runtime: one supervised, persistent actor per conversation.
 *
 * Made by `createRuntime`, which starts nothing.
 */
export class Runtime {
  readonly #options: RuntimeOptions
  readonly #log: Log
  readonly #clock: Clock
  readonly #limits: Limits
  readonly #channels = new Map<string, Channel>()
  readonly #listeners: Listeners
  #state: State = 'new'
  #idKey: Uint8Array | null = null
  #parts: Parts | null = null
  #conversations: Conversations | null = null
  #sweeper: Sweeper | null = null

  constructor(options: RuntimeOptions) {
    this.#options = options
    this.#log = options.logger ?? silentLog
    this.#clock = options.clock ?? systemClock
    this.#limits = { ...LIMITS, ...options.limits }
    this.#listeners = new Listeners(error => {
      this.#log.error({ event: 'listener.threw', err: error }, 'a listener threw')
    })
  }

  /** Opens the store, wakes what is due, and takes messages from now on. */
  async start(): Promise<void> {
    if (this.#state !== 'new') return fail('CHP_NOT_STARTED', `The runtime is ${this.#state}.`)
    const { store, keys, policy = defaultPolicy } = this.#options
    const random = this.#options.random ?? systemRandom
    const opened = await store.open({ idKey: random.bytes(32), sealKey: random.bytes(32) })
    for (const warning of opened.warnings) this.#log.warn({ event: 'store.warning' }, warning)
    this.#idKey = opened.secrets.idKey
    const ring =
      keys ?? keyRing({ active: 'store', keys: { store: opened.secrets.sealKey }, random })
    const time = new StoreTime(this.#clock)
    time.learn(await store.time())
    const instance = this.#options.instance ?? epochOf(random)
    const parts = this.#wire({ ring, policy, random, time, instance })
    const { leaseMs, sweepPage, sweepEveryMs } = this.#limits
    this.#sweeper = new Sweeper({
      ...{ store, clock: this.#clock, log: this.#log, instance, leaseMs, page: sweepPage },
      everyMs: sweepEveryMs,
      learnTime: nowMs => time.learn(nowMs),
      wake: id => this.#conversations!.push(id, null)
    })
    this.#parts = parts
    this.#state = 'started'
    await this.#sweeper.start()
    const { durability } = opened
    this.#log.info({ event: 'runtime.started', store: store.name, durability, instance }, 'started')
  }

  /**
   * Stops taking messages, finishes turns, makes one outbox pass, closes the store.
   *
   * Default grace 10,000 ms; what is unfinished then stays unacknowledged or committed.
   */
  async stop({ graceMs = 10_000 }: { graceMs?: number } = {}): Promise<void> {
    if (this.#state === 'new') this.#state = 'stopped'
    if (this.#state !== 'started') return
    this.#state = 'stopping'
    const deadline = this.#clock.monotonicMs() + graceMs
    await this.#sweeper?.stop()
    while (this.#conversations!.queued > 0 && this.#clock.monotonicMs() < deadline) {
      await new Promise<void>(resolve => {
        this.#clock.after(5, resolve)
      })
    }
    this.#parts!.calls.stop()
    await this.#parts!.outbox.stop(Math.max(0, deadline - this.#clock.monotonicMs()))
    await this.#conversations!.flushAll()
    this.#conversations!.stop()
    for (const channel of this.#channels.values()) await channel.close?.()
    await this.#options.store.close()
    this.#state = 'stopped'
    this.#log.info({ event: 'runtime.stopped' }, 'stopped')
  }

  /** Plugs a channel in; what it returns goes into the host's server. Mount before `start`. */
  mount<D>(channel: Channel<D>): D {
    if (this.#channels.has(channel.name)) {
      return fail('CHP_INPUT_INVALID', `A channel named ${channel.name} is mounted already.`)
    }
    this.#channels.set(channel.name, channel)
    const host: ChannelHost = {
      receive: heard => this.#receive(heard),
      status: status => this.#status(status),
      present: address => {
        if (this.#state !== 'started') return
        const id = this.#idOf(address)
        this.#parts!.outbox.nudge(id)
        void this.#conversations!.push(id, null)
      }
    }
    return channel.mount(host)
  }

  /** The handle of one conversation; cheap, keeps nothing. */
  conversation(address: Address): ConversationHandle {
    if (!Address.is(address)) {
      return fail('CHP_INPUT_INVALID', 'An address needs the texts channel, account and user.')
    }
    return {
      id: this.#idOf(address),
      receive: message => this.#receive({ address, ...message }),
      tell: ({ id, event, data }) => {
        const told = { kind: 'Told' as const, id, event, data, arrivedAtMs: this.#nowMs() }
        return this.#offer(address, told)
      },
      inspect: () => {
        const { program, store, ring } = this.#running()
        return inspect({ program, store, ring }, this.#idOf(address))
      }
    }
  }

  /** Adds a listener; the returned function removes it. */
  on<K extends keyof RuntimeEvents>(name: K, listener: Listener<K>): () => void {
    return this.#listeners.on(name, listener)
  }

  /** True while messages are taken. */
  get ready(): boolean {
    return this.#state === 'started'
  }

  /** What is on its way now. */
  activity(): Activity {
    return {
      events: (this.#conversations?.queued ?? 0) + (this.#sweeper?.sweeping === true ? 1 : 0),
      calls: this.#parts?.calls.open ?? 0,
      sends: this.#parts?.outbox.sending ?? 0,
      acknowledgements: this.#conversations?.unflushed ?? 0
    }
  }

  #wire(
    made: Pick<Parts, 'ring' | 'policy' | 'random' | 'time'> & { readonly instance: string }
  ): Parts {
    const { bot: program, store } = this.#options
    const { ring, policy, random, time } = made
    const shared = { clock: this.#clock, random, log: this.#log }
    const channel = (name: string): Channel | undefined => this.#channels.get(name)
    const calls = new Calls({
      ...shared,
      program,
      settle: (id, event) => void this.#conversations!.push(id, event)
    })
    const outbox = new Outbox({
      ...shared,
      channel,
      acknowledged: (id, epoch, through) => this.#conversations!.acknowledged(id, epoch, through)
    })
    const parts: Parts = {
      ...shared,
      ...{ program, store, ring, policy, time, calls, outbox, channel },
      limits: this.#limits,
      listeners: this.#listeners,
      nextHead: headsOf(made.instance, random),
      newEpoch: () => epochOf(random)
    }
    this.#conversations = new Conversations(parts)
    return parts
  }

  #receive({ address, id, content }: Heard): Promise<Receipt> {
    if (!Content.is(content)) return refused('The content is of no known kind.')
    return this.#offer(address, { kind: 'Inbound', id, content, arrivedAtMs: this.#nowMs() })
  }

  #offer(address: Address, event: OutsideEvent): Promise<Receipt> {
    if (this.#state !== 'started') {
      return Promise.resolve({ tag: 'shed', reason: this.#state, retryAfterMs: 1_000 })
    }
    const { id } = event
    if (typeof id !== 'string' || id.length === 0 || id.length > ID_CHARACTERS_MOST) {
      return refused(`An id must have 1 to ${ID_CHARACTERS_MOST} characters.`)
    }
    return this.#conversations!.offer(this.#idOf(address), address, event)
  }

  #status({ address, status, code }: HeardStatus): void {
    const conversation = this.#state === 'started' ? this.#idOf(address) : null
    this.#log.debug({ event: 'delivery', conversation, status, code }, 'delivery status')
  }

  #nowMs(): number {
    return this.#parts?.time.nowMs() ?? this.#clock.nowMs()
  }

  #idOf(address: Address): string {
    if (this.#idKey === null) return fail('CHP_NOT_STARTED', 'The id key is read by start().')
    return conversationId(this.#idKey, address)
  }

  #running(): Parts {
    return this.#parts ?? fail('CHP_NOT_STARTED', 'The runtime is not started.')
  }
}

function refused(detail: string): Promise<never> {
  return Promise.resolve().then(() => fail('CHP_INPUT_INVALID', detail))
}

/**
 * Makes a runtime: checks everything, starts nothing.
 *
 * @example
 * const runtime = createRuntime({ bot, store: lmdbStore({ path: './data' }) })
 * await runtime.start()
 * const chat = runtime.conversation({ channel: 'host', account: 'demo', user: 'ada' })
 * const receipt = await chat.receive({ id: '1', content: { kind: 'text', text: 'hi' } })
 */
export function createRuntime(options: RuntimeOptions): Runtime {
  return new Runtime(options)
}
