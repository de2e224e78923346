import type { Receipt } from '../../channel/channel.ts'
import type { Address } from '../../conversation/address.ts'
import type { Content } from '../../conversation/content.ts'
import type { Program } from '../../conversation/program.ts'
import type { Log } from '../../kernel/log.ts'
import type { FailureContext } from '../../runtime/failure-context.ts'
import type { Limits } from '../../runtime/parts.ts'
import { Runtime } from '../../runtime/runtime.ts'
import type { ConversationStore } from '../../store/conversation-store.ts'
import type { Policy } from '../../supervision/policy.ts'
import type { Met } from '../event-log/event-line.ts'
import type { SimulatedClock } from '../simulated-clock.ts'
import { Life } from './life.ts'
import { type Network, networked } from './network.ts'
import { type Screens, type Service, simulatedCall, simulatedChannel } from './outside.ts'
import type { Door } from './provider.ts'
import type { Weather } from './weather.ts'
import type { WorldLog } from './world-log.ts'

/** What the processes of one simulation share. */
export interface Ground {
  readonly clock: SimulatedClock
  readonly weather: Weather
  readonly log: WorldLog
  readonly store: ConversationStore
  readonly service: Service
  readonly screens: Screens
  readonly bot: Program
  /** The build that replaces it, one process after the other; null: none does. */
  readonly nextBot: Program | null
  readonly limits: Partial<Limits>
  readonly policy: Policy
  readonly outage: Network['outage']
  /** Conversations to which nothing is sent: receipts carry their replies. */
  readonly byReceipt: Set<string>
  readonly logger: Log
}

/** One process after the other under one name: it dies, and is started again after a while. */
export class Node implements Door {
  readonly name: string
  readonly #ground: Ground
  readonly #runtimes: Runtime[] = []
  #life: Life
  #runtime: Runtime | null = null
  #births = 0
  #isDeployed = false

  constructor(name: string, ground: Ground) {
    this.name = name
    this.#ground = ground
    this.#life = new Life(ground.clock)
    this.#birth()
  }

  get life(): Life {
    return this.#life
  }

  /** The runtime of the present life, once it has started. */
  get runtime(): Runtime | null {
    return this.#life.isAlive ? this.#runtime : null
  }

  /** True while it runs, and is no longer held up. */
  get isUp(): boolean {
    return this.runtime !== null && !this.life.isPaused
  }

  /** Every runtime there ever was, to be put away in the end. */
  get runtimes(): readonly Runtime[] {
    return this.#runtimes
  }

  receive(address: Address, id: string, content: Content | null): Promise<Receipt> | null {
    const { runtime, life } = this
    if (runtime === null) return null
    const take = async (): Promise<Receipt> => {
      const conversation = runtime.conversation(address)
      if (address.channel !== 'chan') this.#ground.byReceipt.add(conversation.id)
      const receipt =
        content === null
          ? await conversation.tell({ id, event: 'news' })
          : await conversation.receive({ id, content })
      // Of what ends in its memory alone a dead process would still tell.
      await life.awake()
      return receipt
    }
    return life.isPaused ? life.awake().then(take) : take()
  }

  /** As kill -9: nothing it still does reaches the store, the channel or the clock. */
  kill(): void {
    if (!this.#life.isAlive) return
    const { clock, weather, log } = this.#ground
    this.#life.kill()
    log.tell('killed', { id: this.name })
    clock.after(weather.between('rebirth', 100, 12_000), () => this.#birth())
  }

  /** A graceful end, then a new process. */
  restart(): void {
    const { runtime } = this
    if (runtime === null) return
    this.#runtime = null
    void runtime.stop({ graceMs: 2_000 }).then(() => this.kill())
  }

  /** From now on this is a process of the next build. */
  deploy(): void {
    this.#isDeployed = true
    if (this.runtime === null) this.kill()
    else this.restart()
  }

  #birth(): void {
    const { clock, weather, log, store, nextBot, limits, logger } = this.#ground
    const bot = this.#isDeployed && nextBot !== null ? nextBot : this.#ground.bot
    const life = new Life(clock)
    const { outage } = this.#ground
    const network: Network = { clock, life, weather, outage, crash: () => this.kill() }
    this.#births += 1
    log.tell('born', { id: this.name, ...(bot.schema > 1 ? { schema: bot.schema } : {}) })
    const runtime = new Runtime({
      bot: { ...bot, calls: callsOf(bot, network, this.#ground) },
      store: networked(store, network),
      instance: this.name,
      clock: life.clock,
      random: weather.stream(`${this.name} ${this.#births}`),
      limits,
      policy: this.#ground.policy,
      logger,
      eventLog: line => {
        if (life.isAlive) log.lines.push(line)
      }
    })
    runtime.on('failure', context => {
      if (life.isAlive) log.tell('failed', { conv: context.conversation, met: this.#met(context) })
    })
    runtime.mount(simulatedChannel(network, this.#ground.screens))
    this.#life = life
    this.#runtime = null
    this.#runtimes.push(runtime)
    this.#start(life, runtime)
  }

  #met({ tag, code, action, event, stage, flow, step, attempt, version }: FailureContext): Met {
    return { process: this.name, tag, code, action, event, stage, flow, step, attempt, version }
  }

  #start(life: Life, runtime: Runtime): void {
    runtime.start().then(
      () => this.#started(life, runtime),
      // As whatever watches over a process does: what cannot start is started again.
      () => {
        if (life.isAlive) this.#ground.clock.after(1_000, () => this.#start(life, runtime))
        return undefined
      }
    )
  }

  #started(life: Life, runtime: Runtime): void {
    if (life.isAlive && this.#life === life) this.#runtime = runtime
  }
}

function callsOf(bot: Program, network: Network, { service }: Ground): Program['calls'] {
  const calls = Object.entries(bot.calls).map(([name, call]) => [
    name,
    simulatedCall(call, network, service)
  ])
  return Object.fromEntries(calls) as Program['calls']
}
