import type { Channel, ChannelHost, Heard, HeardStatus, Receipt } from '../channel/channel.ts'
import { Address } from '../conversation/address.ts'
import { Content } from '../conversation/content.ts'
import type { OutsideEvent, TurnEvent } from '../conversation/turn-event.ts'
import { systemClock } from '../kernel/clock.ts'
import { ChaperoneError, fail, failure } from '../kernel/failure.ts'
import { type Log, silentLog } from '../kernel/log.ts'
import { unplainPath } from '../kernel/plain-data.ts'
import { systemRandom } from '../kernel/random.ts'
import { whatWasThrown } from '../kernel/thrown.ts'
import { conversationId, derivedSecret, epochOf, headsOf } from '../store/identity.ts'
import { type KeyRing, keyRing } from '../store/seal.ts'
import { Alarms } from './alarms.ts'
import type { ConversationHandle } from './conversation-handle.ts'
import { statusEventOf } from './delivery.ts'
import { StoreGate } from './gate/store-gate.ts'
import { guardedLog } from './guarded-log.ts'
import { inspect, lensOf } from './inspect.ts'
import { Meter } from './metrics/meter.ts'
import { readingsOf } from './metrics/readings.ts'
import { ID_CHARACTERS_MOST, isName, refused, untaken } from './not-taken.ts'
import { type Told, watched } from './observed.ts'
import { buildOf, processOf } from './ours.ts'
import { type OwnClock, ownClock } from './own-clock.ts'
import { checkedLimits } from './parts.ts'
import { PolicyInForce } from './policy-in-force.ts'
import { postAlarm } from './post-alarm.ts'
import {
  type Activity,
  activityOf,
  assembled,
  type Given,
  halted,
  isHealthy,
  type Running
} from './running.ts'
import type { RuntimeOptions } from './runtime-options.ts'
import { StoreTime } from './store-time.ts'
import { type Listener, Listeners, type RuntimeEvents } from './trace.ts'
import { Watchdog } from './watchdog.ts'

export type { ConversationHandle, Message } from './conversation-handle.ts'
export type { RuntimeOptions } from './runtime-options.ts'

type State = 'new' | 'starting' | 'started' | 'stopping' | 'stopped'

/**
 * The conversational runtime: one supervised, persistent actor per conversation.
 *
 * Made by `createRuntime`, which starts nothing.
 */
export class Runtime {
  readonly #given: Omit<Given, 'ring' | 'time' | 'clock' | 'gate' | 'process' | 'startedAtMs'>
  readonly #keys: KeyRing | undefined
  readonly #log: Log
  readonly #meter: Meter | null
  readonly #clock: OwnClock
  readonly #policy: PolicyInForce
  readonly #channels = new Map<string, Channel>()
  #state: State = 'new'
  #idKey: Uint8Array | null = null
  #told: Told = (_arrival, receipt) => receipt
  #running: Running | null = null
  #starting: Promise<void> | null = null
  #stopping: Promise<void> | null = null

  constructor({ bot, store, keys, policy, limits, watchdog, metrics, ...given }: RuntimeOptions) {
    const { random = systemRandom, instance = epochOf(random), build = buildOf(bot) } = given
    this.#keys = keys
    this.#policy = new PolicyInForce(bot, policy)
    const log = guardedLog(given.logger ?? silentLog)
    this.#clock = ownClock(given.clock ?? systemClock)
    this.#meter = metrics === undefined ? null : new Meter(metrics, this.#clock, log)
    this.#log = this.#meter?.tapped(log) ?? log
    const listeners = new Listeners(error => {
      this.#log.error({ event: 'listener.threw', why: whatWasThrown(error) }, 'a listener threw')
    })
    this.#meter?.listen(listeners)
    const sendAlarm = given.sendAlarm ?? postAlarm
    const posting = this.#meter?.posting(sendAlarm) ?? sendAlarm
    const told = { log: this.#log, listeners, instance, build, policy: () => this.#policy.current }
    this.#given = {
      ...told,
      alarms: new Alarms({ ...told, clock: this.#clock, sendAlarm: posting }),
      bot,
      store,
      random,
      meter: this.#meter,
      eventLog: given.eventLog,
      watchdog: watchdog === undefined ? null : new Watchdog(watchdog, build),
      limits: checkedLimits(limits ?? {}),
      nextHead: headsOf(instance, random),
      channel: name => this.#channels.get(name)
    }
  }

  /** The moving parts, for `lib/ops`; null before `start` and after `stop`. */
  static runningOf(runtime: Runtime): Running | null {
    return runtime.#state === 'started' ? runtime.#running : null
  }

  /** Opens the store, wakes what is due, and takes messages from now on. */
  start(): Promise<void> {
    if (this.#state !== 'new') {
      const detail = `start() was called although the runtime is ${this.#state}.`
      return Promise.reject(new ChaperoneError(failure('CHP_NOT_STARTED', detail)))
    }
    this.#state = 'starting'
    this.#starting = this.#start()
    return this.#starting
  }

  /**
   * Stops taking messages, finishes turns, makes one outbox pass, closes the store.
   *
   * Default grace 10,000 ms; what is unfinished then stays unacknowledged or committed.
   */
  stop({ graceMs = 10_000 }: { graceMs?: number } = {}): Promise<void> {
    if (this.#stopping === null) {
      const wasRunning = this.#state === 'started'
      // From this very moment on: what comes in later is not taken.
      if (wasRunning) this.#state = 'stopping'
      this.#stopping = this.#stop(graceMs, wasRunning)
    }
    return this.#stopping
  }

  /** Plugs a channel in; what it returns goes into the host's server. Mount before `start`. */
  mount<D>(channel: Channel<D>): D {
    if (this.#channels.has(channel.name)) {
      return fail('CHP_INPUT_INVALID', `A channel named ${channel.name} is mounted already.`)
    }
    this.#channels.set(channel.name, channel)
    const host: ChannelHost = {
      log: this.#log,
      receive: heard => this.#receive(heard),
      status: status => this.#status(status),
      answered: (name, status) => this.#meter?.posted(name, status),
      present: address => {
        if (this.#state === 'started') this.#running?.conversations.present(this.#idOf(address))
      },
      secret: purpose => (this.#idKey === null ? null : derivedSecret(this.#idKey, purpose))
    }
    return channel.mount(host)
  }

  /** The handle of one conversation; cheap, keeps nothing. */
  conversation(address: Address): ConversationHandle {
    if (!Address.is(address)) {
      return fail('CHP_INPUT_INVALID', 'An address needs the texts channel, account and user.')
    }
    const conversation = this.#idOf(address)
    return {
      id: conversation,
      receive: ({ id, content }) => this.#receive({ address, id, content }, conversation),
      tell: ({ id, event, data }) => {
        const stray = data === undefined ? null : unplainPath(data)
        if (stray !== null) return refused(`The data is no plain JSON data at ${stray}.`)
        const told = { kind: 'Told' as const, id, event, data, arrivedAtMs: this.#nowMs() }
        return this.#offer(address, told, conversation)
      },
      inspect: async () => inspect(lensOf(this.#running?.parts), conversation, address)
    }
  }

  /** Adds a listener; the returned function removes it. */
  on<K extends keyof RuntimeEvents>(name: K, listener: Listener<K>): () => void {
    return this.#given.listeners.on(name, listener)
  }

  /** True while messages are taken and the store answers. */
  get ready(): boolean {
    return this.#state === 'started' && isHealthy(this.#running)
  }

  /** What is on its way now. */
  activity(): Activity {
    return activityOf(this.#running)
  }

  async #start(): Promise<void> {
    const { store, random, instance } = this.#given
    const clock = this.#clock
    const gate = new StoreGate({ ...this.#given, clock, meter: this.#meter?.store ?? null })
    try {
      const opened = await store.open({ idKey: random.bytes(32), sealKey: random.bytes(32) })
      for (const warning of opened.warnings) this.#log.warn({ event: 'store.warning' }, warning)
      const { idKey, sealKey } = opened.secrets
      const ring = this.#keys ?? keyRing({ active: 'store', keys: { store: sealKey }, random })
      const time = new StoreTime(clock)
      await time.ask(gate.store)
      this.#idKey = idKey
      const started = { process: processOf(this.#given.nextHead()), startedAtMs: time.nowMs() }
      const parts = { ...this.#given, ...started, clock, ring, time, gate, store: gate.store }
      const watch = watched(parts, idKey)
      this.#told = watch.told
      this.#running = assembled(watch.given)
      const fields = { store: store.name, durability: opened.durability, instance }
      this.#log.info({ event: 'runtime.started', ...fields }, 'started')
      await this.#running.opened(opened)
      const readings = readingsOf(this.#running, opened, store.name, () => this.ready)
      const calls = Object.keys(this.#given.bot.calls)
      this.#meter?.watch(readings, { channels: this.#channels.keys(), calls })
    } catch (error) {
      gate.stop()
      this.#given.alarms.hasten()
      // A store that did not open may still try to; whoever starts again opens it again.
      await this.#closed(store.name, () => store.close())
      this.#state = 'new'
      throw error
    }
    this.#state = 'started'
    this.#policy.watch({ ...this.#given, clock })
    const { process } = this.#running.parts
    this.#given.watchdog?.start(clock, this.#log, store.rowWriter?.(process) ?? null)
    this.#running.start()
  }

  async #stop(graceMs: number, wasRunning: boolean): Promise<void> {
    // A start that fails has told its caller; here it only means that nothing runs.
    await this.#starting?.catch(() => this.#log.debug({ event: 'stop.early' }, 'never started'))
    const running = wasRunning || this.#state === 'started' ? this.#running : null
    this.#state = 'stopping'
    if (running !== null) {
      await halted(running, { clock: this.#clock, log: this.#log, graceMs })
      for (const part of [...this.#channels.values(), this.#given.store]) {
        await this.#closed(part.name, () => part.close?.())
      }
    }
    this.#meter?.stop()
    this.#policy.stop()
    await this.#given.watchdog?.stop()
    this.#clock.stop()
    this.#state = 'stopped'
    this.#log.info({ event: 'runtime.stopped' }, 'stopped')
  }

  async #closed(what: string, close: () => Promise<void> | undefined): Promise<void> {
    try {
      await close()
    } catch (error) {
      const why = whatWasThrown(error)
      this.#log.warn({ event: 'close.failed', what, why }, 'not closed cleanly')
    }
  }

  #receive({ address, id, content }: Heard, conversation?: string): Promise<Receipt> {
    if (!Content.is(content)) return refused('The content is of no known kind.')
    const arrivedAtMs = this.#nowMs()
    return this.#offer(address, { kind: 'Inbound', id, content, arrivedAtMs }, conversation)
  }

  /** `conversation` is the id of the address, where it is known already. */
  #offer(address: Address, event: OutsideEvent, conversation?: string): Promise<Receipt> {
    return this.#counted(event, this.#offered(address, event, conversation))
  }

  #counted({ kind }: TurnEvent, receipt: Promise<Receipt>): Promise<Receipt> {
    return this.#meter?.received(kind, receipt) ?? receipt
  }

  #offered(address: Address, event: OutsideEvent, conversation?: string): Promise<Receipt> {
    if (this.#state !== 'started' || this.#running === null) return untaken(this.#state)
    const { id } = event
    if (!isName(id)) return refused(`An id must have 1 to ${ID_CHARACTERS_MOST} characters.`)
    const arrival = { conv: conversation ?? this.#idOf(address), id, address }
    return this.#told(arrival, this.#running.conversations.offer(arrival.conv, address, event))
  }

  #status(heard: HeardStatus): Promise<Receipt> {
    const { address, status, code } = heard
    const conversation = this.#state === 'started' ? this.#idOf(address) : null
    if (status === 'failed')
      this.#log.warn({ event: 'delivery.failed', conversation, code }, 'a sent reply never arrived')
    else this.#log.debug({ event: 'delivery', conversation, status, code }, 'delivery status')
    if (status === 'sent' || this.#given.bot.tracks === undefined)
      return Promise.resolve({ tag: 'ignored', why: 'nobody asks about it' })
    const event = statusEventOf(heard)
    const receipt =
      conversation === null
        ? untaken(this.#state)
        : this.#running?.conversations.offer(conversation, address, event)
    return this.#counted(event, receipt ?? untaken(this.#state))
  }

  #nowMs(): number {
    return this.#running?.parts.time.nowMs() ?? this.#clock.nowMs()
  }

  #idOf(address: Address): string {
    if (this.#idKey === null) return fail('CHP_NOT_STARTED', 'The id key is read by start().')
    return conversationId(this.#idKey, address)
  }
}

/** Makes a runtime that says nothing without a logger; `lib/app` gives it one. */
export function createRuntime(options: RuntimeOptions): Runtime {
  return new Runtime(options)
}
