import { setTimeout as pause } from 'node:timers/promises'
import type { Channel, ChannelHost } from '../../lib/channel/channel.ts'
import { createRuntime, type Runtime } from '../../lib/runtime/runtime.ts'
import type { ConversationStore } from '../../lib/store/conversation-store.ts'
import { chainProgram } from './chain-program.ts'
import { eventually } from './eventually.ts'

const AT_ONCE = 200
const LIVE_MOST = 5_000
/** What a provider takes for one reply. */
const SEND_MS = 20
/** What the last window woke has been acknowledged by then. */
const REST_MS = 1_500
const DUE_WITHIN_MS = 1_000

/** How long what live members said took, in ms. */
export interface Talk {
  /** From the moment it was due to be said to its receipt, and to its reply's send. */
  readonly receipts: readonly number[]
  readonly replies: readonly number[]
  readonly shed: number
}

/** Members at a steady rate, whether answered yet or not. */
export interface Load {
  readonly perSecond: number
  readonly members: number
  readonly windowMs: number
}

/** A crowd whose timers are all due, and may be held back from the sweeps of its runtime. */
export class CrowdPairs {
  readonly fired: { readonly dueMs: number; readonly user: string }[] = []
  readonly #store: ConversationStore
  readonly #runtime: Runtime
  readonly #sent = new Map<string, (atMs: number) => void>()
  #isDue = false
  #said = 0

  constructor(store: ConversationStore, heard: (fields: object) => void = () => undefined) {
    const claimDue = store.claimDue.bind(store)
    store.claimDue = async (...asked) => (this.#isDue ? claimDue(...asked) : [])
    const limits = { liveConversations: LIVE_MOST }
    this.#store = store
    const logger = { debug: () => undefined, info: heard, warn: heard, error: heard }
    this.#runtime = createRuntime({ bot: chainProgram(), store, limits, logger })
    this.#runtime.mount(this.#channel())
    this.#runtime.on('turn', ({ event, conversation: user }) => {
      if (event.kind === 'TimerDue') this.fired.push({ dueMs: event.dueMs, user })
    })
  }

  start(): Promise<void> {
    return this.#runtime.start()
  }

  stop(): Promise<void> {
    return this.#runtime.stop({ graceMs: 5_000 })
  }

  /** A timer for each, all due within the second before now, in the order of the members. */
  async gather(members: number): Promise<void> {
    const fromMs = (await this.#store.time()) - DUE_WITHIN_MS
    for (let from = 0; from < members; from += AT_ONCE) {
      const batch = Array.from({ length: Math.min(AT_ONCE, members - from) }, (_, n) => from + n)
      await Promise.all(
        batch.map(async member => {
          const dueMs = fromMs + Math.floor((member * DUE_WITHIN_MS) / members)
          const words = `remind ${dueMs - (await this.#store.time())}`
          while (!(await this.#say(`m${member}`, `m${member}`, words))) await pause(200)
        })
      )
    }
    await pause(REST_MS)
  }

  /** One window of live talk, with the crowd's timers due beside it or not. */
  async talk(load: Load, isDue: boolean): Promise<Talk> {
    this.#isDue = isDue
    const talk = await this.#talk(load)
    this.#isDue = false
    await pause(REST_MS)
    return talk
  }

  /** Lets all that is left fire, with nobody talking. */
  async drain(members: number): Promise<void> {
    this.#isDue = true
    await eventually(async () => this.fired.length >= members, {
      withinMs: 600_000,
      everyMs: 100
    })
  }

  async #talk({ perSecond, members, windowMs }: Load): Promise<Talk> {
    const receipts: number[] = []
    const replies: number[] = []
    const open: Promise<void>[] = []
    const startMs = performance.now()
    let shed = 0
    for (let turn = 0; (turn * 1_000) / perSecond < windowMs; turn += 1) {
      const plannedMs = startMs + (turn * 1_000) / perSecond
      if (plannedMs > performance.now()) await pause(plannedMs - performance.now())
      const id = `l${this.#said++}`
      const replied = new Promise<number>(resolve => this.#sent.set(id, resolve))
      const turnEnds = async (): Promise<void> => {
        if (!(await this.#say(`live${turn % members}`, id, 'hi'))) {
          shed += 1
          return
        }
        receipts.push(performance.now() - plannedMs)
        replies.push((await replied) - plannedMs)
      }
      open.push(turnEnds())
    }
    await Promise.all(open)
    return { receipts, replies, shed }
  }

  /** False when it was turned away. */
  async #say(user: string, id: string, text: string): Promise<boolean> {
    const handle = this.#runtime.conversation({ channel: 'chan', account: 'a', user })
    const receipt = await handle.receive({ id, content: { kind: 'text', text } })
    return receipt.tag === 'committed' || receipt.tag === 'duplicate'
  }

  #channel(): Channel<ChannelHost> {
    return {
      name: 'chan',
      sendTimeoutMs: 1_000,
      unfit: () => null,
      mount: host => host,
      send: async ({ reply }) => {
        // The chain answers `<count> <id>`.
        const id = reply.kind === 'text' ? (reply.text.split(' ')[1] ?? '') : ''
        this.#sent.get(id)?.(performance.now())
        this.#sent.delete(id)
        await pause(SEND_MS)
        return { tag: 'sent', providerId: null }
      }
    }
  }
}
