import type { ChannelHost, Heard, Receipt } from '../../../lib/channel/channel.ts'
import type { Program } from '../../../lib/conversation/program.ts'
import type { Clock } from '../../../lib/kernel/clock.ts'
import type { Log } from '../../../lib/kernel/log.ts'
import type { Random } from '../../../lib/kernel/random.ts'
import { createRuntime, type Runtime } from '../../../lib/runtime/runtime.ts'
import type { ConversationStore } from '../../../lib/store/conversation-store.ts'
import type { KeyRing } from '../../../lib/store/seal.ts'
import { defaultPolicy } from '../../../lib/supervision/policy.ts'
import type { Transport } from '../bot/ledger-bot.ts'
import type { Causes } from './causes.ts'
import { type Faults, PlannedThrow } from './faults.ts'
import { gatedStore } from './gated-store.ts'
import type { KeptIds } from './kept-ids.ts'
import type { LedgerDoor } from './ledger-door.ts'
import { Life } from './life.ts'
import { recorder } from './recorder.ts'
import type { Sightings } from './sightings.ts'
import type { Traffic } from './traffic.ts'

/** Makes the bot of one process. */
export type BotMaker = (given: {
  /** The way to the ledger service. */
  readonly transport: Transport
  /** To be told of a step before a function of that step runs; may throw. */
  readonly fault: (step: string) => void
}) => Program

/** What the processes of a case share. */
export interface Surroundings {
  readonly bot: BotMaker
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly ring: KeyRing
  /** Restarts of one event before a reset; null leaves the default policy as it is. */
  readonly restarts: number | null
  readonly door: LedgerDoor
  readonly causes: Causes
  readonly ids: KeptIds
  readonly faults: Faults
  readonly traffic: Traffic
  readonly sightings: Sightings
  readonly idOf: (entry: number) => string
}

/** Every process of a case bears this name, so that a new one takes over what the last one left. */
const INSTANCE = 'transcript'

/** One process of a case: the real runtime between gates that a kill shuts. */
export class PlayedProcess {
  readonly life = new Life()
  readonly program: Program
  readonly #runtime: Runtime
  readonly #host: ChannelHost
  readonly #surroundings: Surroundings
  /** The entry whose event each conversation decided last. */
  readonly #deciding = new Map<string, number>()
  /** The entry whose event is decided at this instant. */
  #nowDeciding: number | null = null
  #starting = false
  #problem: string | null = null

  constructor(surroundings: Surroundings, store: ConversationStore) {
    this.#surroundings = surroundings
    const { life } = this
    const { clock, random, log, ring, restarts, causes, ids, traffic, sightings } = surroundings
    this.program = this.#watched()
    this.#runtime = createRuntime({
      bot: this.program,
      store: gatedStore(store, { life, traffic, causes, ids }),
      keys: ring,
      policy: restarts === null ? defaultPolicy : { ...defaultPolicy, restarts },
      logger: log,
      instance: INSTANCE,
      clock: life.clock(clock),
      random
    })
    const { taken, lost } = sightings
    const crash = (): void => life.end()
    this.#host = this.#runtime.mount(recorder({ ...surroundings, life, taken, lost, crash }))
    this.#listen()
  }

  /** Begins to start; `underWay` and `starting` tell when it has. */
  start(): void {
    const { traffic, log } = this.#surroundings
    this.#starting = true
    void this.#runtime
      .start()
      .catch((error: unknown) => {
        log.error({ event: 'start.failed', err: error }, 'not started')
        this.#problem = error instanceof Error ? error.message : 'failure'
        this.life.end()
      })
      .finally(() => {
        this.#starting = false
        traffic.moved()
      })
  }

  receive(heard: Heard): Promise<Receipt> {
    return this.#host.receive(heard)
  }

  /** Has the process look at the conversation of this user as it is stored now. */
  present(user: string): void {
    if (!this.life.ended && !this.#starting) this.#host.present(addressOf(user))
  }

  /** What is on its way in this process, in words; a process that could not start never ends it. */
  underWay(): readonly string[] {
    if (this.#problem !== null) return [`the start failed: ${this.#problem}`]
    if (this.life.ended) return []
    const open = Object.entries({ ...this.#runtime.activity(), start: this.#starting ? 1 : 0 })
    return open.filter(([, count]) => count > 0).map(([what, count]) => `${what}: ${count}`)
  }

  get starting(): boolean {
    return this.#starting && !this.life.ended
  }

  /** The bot with every call watched, and every decision known with the entry it belongs to. */
  #watched(): Program {
    const { life } = this
    const { bot, door, causes, faults, idOf } = this.#surroundings
    const program = bot({
      transport: door.transport(life, () => life.end()),
      fault: step => {
        if (life.ended || this.#nowDeciding === null) return
        const planned = faults.forStep(idOf(this.#nowDeciding), step)
        if (planned !== null) throw new PlannedThrow(step)
      }
    })
    const calls = Object.entries(program.calls).map(([name, call]) => [name, door.watched(call)])
    const watch =
      <D>(decide: (...args: Parameters<Program['decide']>) => D) =>
      (...args: Parameters<Program['decide']>): D => {
        const [state, event] = args
        this.#nowDeciding = causes.entryOf(causes.rootOf(state, event))
        this.#deciding.set(state.core.channel.user, this.#nowDeciding)
        try {
          return decide(...args)
        } finally {
          this.#nowDeciding = null
        }
      }
    return {
      ...program,
      calls: Object.fromEntries(calls) as Program['calls'],
      decide: watch((...args) => program.decide(...args)),
      reset: watch((...args) => program.reset(...args))
    }
  }

  #listen(): void {
    const { causes, sightings } = this.#surroundings
    const runtime = this.#runtime
    const entryOf = (conversation: string): number => {
      const user = [...this.#deciding.keys()].find(one => this.#idOf(one) === conversation)
      return this.#deciding.get(user ?? '') ?? causes.entryOf(null)
    }
    runtime.on('turn', ({ cause, record }) => {
      if (!this.life.ended) sightings.turned(causes.entryOf(cause), record)
    })
    runtime.on('restarted', ({ conversation }) => {
      if (!this.life.ended) sightings.restarted(entryOf(conversation))
    })
    runtime.on('parked', ({ conversation }) => {
      if (!this.life.ended) sightings.wasReset(entryOf(conversation))
    })
  }

  #idOf(user: string): string {
    return this.#runtime.conversation(addressOf(user)).id
  }
}

/** Where a user of a case is talked to. */
export function addressOf(user: string): { channel: string; account: string; user: string } {
  return { channel: 'whatsapp', account: 'transcript', user }
}
