import type { Channel, Receipt } from '../channel/channel.ts'
import type { Address } from '../conversation/address.ts'
import type { Program } from '../conversation/program.ts'
import type { OperatorCommand } from '../conversation/turn-event.ts'
import { type Clock, systemClock } from '../kernel/clock.ts'
import { failureOf } from '../kernel/failure.ts'
import { type Log, silentLog } from '../kernel/log.ts'
import { type Random, systemRandom } from '../kernel/random.ts'
import type { ConversationStore } from '../store/conversation-store.ts'
import { conversationId, headsOf } from '../store/identity.ts'
import { type KeyRing, keyRing } from '../store/seal.ts'
import { defaultPolicy } from '../supervision/policy.ts'
import { Alarms } from './alarms.ts'
import { newCell } from './cell.ts'
import { StoreGate } from './gate/store-gate.ts'
import { guardedLog } from './guarded-log.ts'
import { buildOf, NOBODY } from './ours.ts'
import { type OwnClock, ownClock } from './own-clock.ts'
import { LIMITS, type Parts } from './parts.ts'
import { assembled, halted } from './running.ts'
import { StoreTime } from './store-time.ts'
import { Listeners } from './trace.ts'
import { takeEvent } from './turn.ts'
import { TurnDefect } from './turn-defect.ts'

export interface AsideOptions {
  /** The bot that the running processes serve. */
  readonly bot: Program
  readonly store: ConversationStore
  /** The key ring of the running processes; default: the key kept in the store's layout row. */
  readonly keys?: KeyRing
  readonly logger?: Log
  readonly clock?: Clock
  readonly random?: Random
}

/** A process beside those that serve: it commits one command at a time, and nothing else. */
export interface Aside {
  readonly parts: Parts
  readonly idOf: (address: Address) => string
  readonly command: (conversation: string, event: OperatorCommand) => Promise<Receipt>
  readonly close: () => Promise<void>
}

/**
 * Opens a store for commands from outside the serving processes: wakes nothing, sends nothing,
 * calls nothing. What a command owes a member is sent by the serving process that finds it first,
 * within some 2 s.
 */
export async function openAside(options: AsideOptions): Promise<Aside> {
  const { store } = options
  const clock = ownClock(options.clock ?? systemClock)
  try {
    return await openedAside(options, clock)
  } catch (error) {
    // A store that did not open may still try to, and would keep its process alive.
    clock.stop()
    await store.close()
    throw error
  }
}

async function openedAside(options: AsideOptions, clock: OwnClock): Promise<Aside> {
  const { bot, store, random = systemRandom } = options
  const log = guardedLog(options.logger ?? silentLog)
  const opened = await store.open({ idKey: random.bytes(32), sealKey: random.bytes(32) })
  const { idKey, sealKey } = opened.secrets
  const listeners = new Listeners(() => undefined)
  const instance = `aside-${Buffer.from(random.bytes(9)).toString('base64url')}`
  const told = { log, clock, listeners, instance, build: buildOf(bot), policy: () => defaultPolicy }
  const alarms = new Alarms({ ...told, sendAlarm: async () => undefined })
  const gate = new StoreGate({ store, clock, random, log, alarms, limits: LIMITS })
  const time = new StoreTime(clock)
  await time.ask(gate.store)
  const nextHead = headsOf(instance, random)
  const running = assembled({
    bot,
    store: gate.store,
    gate,
    ...told,
    alarms,
    random,
    time,
    nextHead,
    eventLog: undefined,
    ring: options.keys ?? keyRing({ active: 'store', keys: { store: sealKey }, random }),
    watchdog: null,
    meter: null,
    // A serving process finds at once what is owed, and need not wait for this one.
    limits: { ...LIMITS, leaseMs: 1_000 },
    process: NOBODY,
    startedAtMs: time.nowMs(),
    channel: silentChannel
  })
  // Nothing is swept here, also when the store comes back.
  gate.onBack(() => undefined)
  const push: Parts['push'] = async () => ({ tag: 'ignored', why: 'an operator starts nothing' })
  const parts: Parts = { ...running.parts, push }
  return {
    parts,
    idOf: address => conversationId(idKey, address),
    command: (conversation, event) => commanded(parts, conversation, event),
    close: async () => {
      await halted(running, { clock, log, graceMs: 0 })
      clock.stop()
      await store.close()
    }
  }
}

async function commanded(
  parts: Parts,
  conversation: string,
  event: OperatorCommand
): Promise<Receipt> {
  const cell = newCell(conversation, null, 1)
  try {
    const receipt = await takeEvent(parts, cell, {
      event,
      fromInbox: false,
      parked: null,
      fault: null
    })
    return receipt ?? { tag: 'shed', reason: 'waiting messages come first', retryAfterMs: 1_000 }
  } catch (error) {
    if (error instanceof TurnDefect) return { tag: 'ignored', why: error.failure.detail }
    const code = failureOf(error)?.code
    if (code === undefined) throw error
    return { tag: 'shed', reason: code, retryAfterMs: 1_000 }
  }
}

// Replies are the serving processes' to send: to this one every channel is away.
function silentChannel(name: string): Channel {
  return {
    name,
    sendTimeoutMs: 1_000,
    unfit: () => null,
    send: async () => ({ tag: 'later', afterMs: 600_000, why: 'an operator sends nothing' }),
    mount: () => undefined
  }
}
