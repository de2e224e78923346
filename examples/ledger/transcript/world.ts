import type { Receipt } from '../../../lib/channel/channel.ts'
import type { Content } from '../../../lib/conversation/content.ts'
import { seededRandom } from '../../../lib/kernel/random.ts'
import type { ConversationStore } from '../../../lib/store/conversation-store.ts'
import { conversationId } from '../../../lib/store/identity.ts'
import { keyRing } from '../../../lib/store/seal.ts'
import { type SimulatedClock, simulatedClock } from '../../../lib/testing/simulated-clock.ts'
import { createLedgerService, type LedgerService } from '../service/ledger-service.ts'
import { type CapturedLog, capturedLog } from './captured-log.ts'
import { Causes, replyName } from './causes.ts'
import { damaged } from './damage.ts'
import { Faults } from './faults.ts'
import type { Transcript } from './form.ts'
import type { DamageEntry } from './form-entry.ts'
import type { GivenConfig } from './form-given.ts'
import { KeptIds } from './kept-ids.ts'
import { LedgerDoor } from './ledger-door.ts'
import { type Look, lookAt } from './look.ts'
import { addressOf, type BotMaker, PlayedProcess, type Surroundings } from './played-process.ts'
import { quiet, type Scene } from './pump.ts'
import { Sightings } from './sightings.ts'
import type { StoreHome, StoreKind } from './store-home.ts'
import { Traffic } from './traffic.ts'

/** What a case is played on. */
export interface Stage {
  readonly store: StoreKind
  /** The bot with the settings of a case. */
  readonly bot: (config: GivenConfig) => BotMaker
}

/** Everything around one case: clock, store, ledger service, and the process that runs now. */
export class World implements Scene {
  readonly clock: SimulatedClock
  readonly traffic = new Traffic()
  readonly causes: Causes
  readonly sightings = new Sightings()
  readonly door: LedgerDoor
  readonly log: CapturedLog
  readonly ledger: LedgerService
  readonly #home: StoreHome
  readonly #surroundings: Surroundings
  readonly #users = new Set<string>()
  #store: ConversationStore
  #process: PlayedProcess | null = null
  #idKey: Uint8Array = new Uint8Array()

  /** Builds the world of a case; nothing runs in it yet. */
  static async of(transcript: Transcript, { store, bot }: Stage): Promise<World> {
    const clock = simulatedClock({ startMs: Date.parse(transcript.given.now) })
    const log = capturedLog()
    const random = seededRandom(seedOf(transcript.name))
    const { config, core } = transcript.given
    const ledger = await createLedgerService({
      clock,
      random,
      logger: log.logger,
      content: core,
      rules: config.denominations === undefined ? {} : { denominations: config.denominations }
    })
    const home = await store()
    return new World(transcript, { clock, log, random, ledger, home, bot: bot(config) })
  }

  private constructor(
    { given, messages }: Transcript,
    {
      clock,
      log,
      random,
      ledger,
      home,
      bot
    }: Pick<World, 'clock' | 'log' | 'ledger'> &
      Pick<Surroundings, 'random' | 'bot'> & { readonly home: StoreHome }
  ) {
    this.clock = clock
    this.log = log
    this.ledger = ledger
    this.causes = new Causes(messages.map(({ id }) => id))
    this.#home = home
    this.#store = home.open(clock)
    const idOf = (entry: number): string => messages[entry]?.id ?? ''
    const { causes, traffic, sightings } = this
    const faults = new Faults(given.faults)
    this.door = new LedgerDoor({ service: ledger, causes, faults, traffic, idOf })
    this.#surroundings = {
      bot,
      clock,
      random,
      causes,
      ids: new KeptIds(clock, given.config.dedupeRetentionSeconds),
      faults,
      traffic,
      sightings,
      idOf,
      log: log.logger,
      door: this.door,
      ring: keyRing({ active: 'case', keys: { case: random.bytes(32) }, random }),
      restarts: given.config.maxHandlerRestarts ?? null
    }
  }

  /** Starts a process on the store; resolves when it has begun to start. */
  async start(): Promise<void> {
    const { random } = this.#surroundings
    const secrets = { idKey: random.bytes(32), sealKey: random.bytes(32) }
    const opened = await this.#store.open(secrets)
    this.#idKey = opened.secrets.idKey
    if ((await this.#store.time()) !== this.clock.nowMs()) {
      throw new Error('the store does not keep the time of the case')
    }
    this.#process = new PlayedProcess(this.#surroundings, this.#store)
    this.#process.start()
  }

  /** True from the begin of a start to its end. */
  get starting(): boolean {
    return this.#process?.starting ?? false
  }

  get running(): boolean {
    return this.#process !== null && !this.#process.life.ended
  }

  get program(): PlayedProcess['program'] | null {
    return this.#process?.program ?? null
  }

  /** Ends the process as a kill does; what it had under way either reached the store or did not. */
  async kill(): Promise<void> {
    this.#process?.life.end()
    while (this.traffic.open > 0) await quiet(this)
    for (const user of this.#users) {
      const id = this.#idOf(user)
      const { fence, undelivered } = await this.#store.load(id)
      for (const { sequence } of undelivered) {
        this.sightings.lostIfTaken(replyName(id, fence?.epoch ?? '', sequence))
      }
    }
  }

  /** Starts a new process of the same name on the same store, with a handle of its own. */
  async startAgain(): Promise<void> {
    await this.#store.close()
    this.#store = this.#home.open(this.clock)
    await this.start()
  }

  /** Hands a message in; a dead process takes none, and its sender hears nothing. */
  receive(user: string, id: string, content: Content): Promise<Receipt> | null {
    this.meet(user)
    if (!this.running) return null
    return this.#process!.receive({ address: addressOf(user), id, content })
  }

  /** From now on this user's conversation is looked at, too. */
  meet(user: string): void {
    this.#users.add(user)
  }

  /**
   * Damages what is stored of a user's conversation. The process that runs reads it anew, as when
   * the conversation falls due: what it remembers would hide the damage.
   */
  async damage(user: string, kind: Pick<DamageEntry, 'event' | 'how'>): Promise<void> {
    const id = this.#idOf(user)
    await this.traffic.track(this.#home.rewrite(id, stored => damaged(id, stored, kind)))
    this.#process?.present(user)
  }

  /** What is stored of a user's conversation. */
  look(user: string): Promise<Look> {
    const { ring } = this.#surroundings
    const source = { program: this.#process!.program, store: this.#store, ring }
    return lookAt(source, this.#idOf(user))
  }

  async underWay(): Promise<readonly string[]> {
    const waiting = [...(this.#process?.underWay() ?? [])]
    if (!this.running) return waiting
    for (const user of this.#users) {
      const { undelivered, inbox } = await this.#store.load(this.#idOf(user))
      if (undelivered.length > 0) waiting.push(`replies not taken: ${undelivered.length}`)
      const held = inbox.filter(({ why }) => why === 'call').length
      if (held > 0) waiting.push(`events behind a call: ${held}`)
    }
    return waiting
  }

  async storeDueMs(): Promise<number | null> {
    if (!this.running) return null
    const dues: number[] = []
    for (const user of this.#users) {
      const { dueMs } = await this.#store.load(this.#idOf(user))
      if (dueMs !== null) dues.push(dueMs)
    }
    return dues.length === 0 ? null : Math.min(...dues)
  }

  /** Ends everything and leaves nothing behind. */
  async close(): Promise<void> {
    this.#process?.life.end()
    await quiet(this)
    this.door.close()
    await this.#store.close()
    await this.ledger.close()
    await this.#home.remove()
  }

  #idOf(user: string): string {
    return conversationId(this.#idKey, addressOf(user))
  }
}

/** A number from a name (FNV-1a): the same case draws the same numbers. */
function seedOf(name: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i += 1) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  return hash >>> 0
}
