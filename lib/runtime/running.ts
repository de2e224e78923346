import { Calls } from '../calls/calls.ts'
import type { Channel } from '../channel/channel.ts'
import type { Program } from '../conversation/program.ts'
import { type Clock, pause } from '../kernel/clock.ts'
import { type FailureCode, fail } from '../kernel/failure.ts'
import type { Log } from '../kernel/log.ts'
import { Outbox } from '../outbox/outbox.ts'
import type { Fitness } from '../store/conversation-store.ts'
import { firstEpochOf } from '../store/identity.ts'
import { Reconciler } from '../timers/reconciler.ts'
import { Sweeper } from '../timers/sweeper.ts'
import { Caution } from './caution.ts'
import { ChannelAlarms } from './channel-alarms.ts'
import { Conversations } from './conversations.ts'
import { deliveryOf } from './delivery.ts'
import { heldReplies } from './held-replies.ts'
import { LoopLag } from './loop-lag.ts'
import type { Parts } from './parts.ts'
import { StoreWatch } from './store-watch.ts'
import { tellUnresolved } from './tell-unresolved.ts'
import { tended } from './tended.ts'
import { UntilTaken } from './until-taken.ts'

/** The moving parts of a started runtime. */
export interface Running {
  readonly parts: Parts
  readonly conversations: Conversations
  readonly sweeper: Sweeper
  readonly reconciler: Reconciler
  readonly watch: StoreWatch
  readonly untaken: UntilTaken
  /** Takes its place among the processes of the store, and watches that. */
  opened(fitness: Fitness): Promise<void>
  /** Begins to sweep, and to watch the event loop. */
  start(): void
}

/** What runs now; all zero when nothing is on its way. */
export interface Activity {
  readonly events: number
  readonly calls: number
  readonly sends: number
  readonly acknowledgements: number
}

/** What the moving parts are made of. */
export type Given = Omit<
  Parts,
  'calls' | 'outbox' | 'lag' | 'newEpoch' | 'push' | 'forward' | 'program' | 'caution'
> & {
  readonly bot: Program
  readonly channel: (name: string) => Channel | undefined
  readonly eventLog: ((line: string) => void) | undefined
}

const POLL_MS = 5

/** Puts the moving parts together; nothing moves yet. */
export function assembled(given: Given): Running {
  const { bot: program, clock, random, log, gate, limits } = given
  const push: Parts['push'] = (id, work) => conversations.push(id, work)
  const forward: Parts['forward'] = (id, event) => conversations.offer(id, null, event)
  const untaken = new UntilTaken({ clock, log, limits, push })
  const channels = new ChannelAlarms(given)
  const outbox = new Outbox({
    ...given,
    failed: tended('outbox', given),
    alarm: (id, name, why) => channels.raise(id, name, why),
    sent: name => channels.clear(name),
    ended: (id, ...end) => void untaken.push(id, deliveryOf(...end)),
    offered: (name, sent, tookMs) => given.meter?.offered(name, sent, tookMs),
    refused: (id, ...refusal) => conversations.refused(id, ...refusal),
    undeliverable: (conversation, name, key, why, parked) => {
      given.listeners.emit('undeliverable', { conversation, channel: name, key, why, parked })
    },
    acknowledged: (id, epoch, last) => conversations.acknowledged(id, epoch, last),
    acknowledgedThrough: async (id, epoch) => {
      // Not through the event log: the conversation itself learns nothing of this.
      const { fence, acknowledgedThrough } = await gate.store.load(id)
      return fence?.epoch === epoch ? acknowledgedThrough : Number.POSITIVE_INFINITY
    },
    hold: (id, epoch, ms) => heldReplies(given, id, epoch, ms)
  })
  const calls = new Calls({
    program,
    clock,
    random,
    log,
    failed: tended('calls', given),
    limits,
    settle: (id, event) => untaken.push(id, event),
    renew: id => void push(id, 'lease'),
    resume: id => void push(id, 'wake'),
    unresolved: (...call) => tellUnresolved(given, ...call)
  })
  const parts: Parts = {
    ...given,
    caution: new Caution(given),
    program,
    calls,
    outbox,
    lag: new LoopLag(given),
    push,
    forward,
    newEpoch: () => firstEpochOf(random)
  }
  const conversations = new Conversations(parts)
  const sweeper = sweeperOf(parts, () => conversations.isTalking)
  const isBusy = (): boolean => !gate.answers || conversations.queued > BUSY
  const reconciler = new Reconciler({ ...given, isBusy })
  gate.onBack(() => hastened([untaken, sweeper]))
  const watch = new StoreWatch(given)
  const start = (): void => begun(sweeper, reconciler, parts)
  const opened = (fitness: Fitness): Promise<void> => joined(parts, watch, fitness)
  return { parts, conversations, sweeper, reconciler, watch, untaken, opened, start }
}

function hastened(parts: readonly { hasten(): void }[]): void {
  for (const part of parts) part.hasten()
}

async function joined({ caution }: Parts, watch: StoreWatch, fitness: Fitness): Promise<void> {
  await caution.start()
  watch.start(fitness)
}

/** Events queued from which on the index is not looked at: who waits comes first. */
const BUSY = 100

function sweeperOf(parts: Parts, isTalking: () => boolean): Sweeper {
  const { store, clock, log, instance, limits, time, gate, push } = parts
  return new Sweeper({
    store,
    clock,
    log,
    instance,
    leaseMs: limits.leaseMs,
    limits: { page: limits.sweepPage, leastPerSecond: limits.sweepLeast },
    everyMs: limits.sweepEveryMs,
    learnTime: (nowMs, askedMs) => time.learn(nowMs, askedMs),
    isAway: id => !gate.answers || (id !== undefined && gate.isAway(id)),
    isTalking,
    failed: tended('timers', parts),
    wake: async id => {
      const receipt = await push(id, 'wake')
      if (receipt.tag !== 'shed') return
      const code = AGAIN.find(each => each === receipt.reason)
      if (code !== undefined) fail(code, 'What is due in the conversation could not be taken.')
    }
  })
}

/**
 * What keeps a conversation from being woken for a while only. A store that is full, or a damaged
 * record, is looked at again when the lease ends, and not at every sweep.
 */
const AGAIN: readonly FailureCode[] = [
  'CHP_STORE_UNAVAILABLE',
  'CHP_STORE_DENIED',
  'CHP_STORE_NOT_DURABLE',
  'CHP_STORE_CONTENDED'
]

function begun(sweeper: Sweeper, reconciler: Reconciler, { lag }: Parts): void {
  sweeper.start()
  reconciler.start()
  lag.start()
}

export function activityOf(running: Running | null): Activity {
  if (running === null) return { events: 0, calls: 0, sends: 0, acknowledgements: 0 }
  const { conversations, parts, sweeper, untaken } = running
  return {
    events: conversations.queued + untaken.open + (sweeper.sweeping ? 1 : 0),
    calls: parts.calls.open,
    sends: parts.outbox.open + conversations.looking,
    acknowledgements: conversations.unflushed
  }
}

/** True while the store answers, to turns and to sweeps, and the event loop is in time. */
export function isHealthy(running: Running | null): boolean {
  if (running === null || running.parts.lag.isLate) return false
  return running.parts.gate.answers && running.sweeper.healthy
}

/** Lets what is under way end, within the grace; what is left then stays in the store. */
export async function halted(
  { parts, conversations, sweeper, reconciler, watch, untaken }: Running,
  { clock, log, graceMs }: { readonly clock: Clock; readonly log: Log; readonly graceMs: number }
): Promise<void> {
  const deadlineMs = clock.monotonicMs() + graceMs
  const ended = async (isOver: () => boolean): Promise<void> => {
    while (!isOver() && clock.monotonicMs() < deadlineMs) await pause(clock, POLL_MS)
  }
  sweeper.stop()
  reconciler.stop()
  watch.stop()
  parts.lag.stop()
  parts.alarms.hasten()
  untaken.hasten()
  await ended(() => !sweeper.sweeping && conversations.queued === 0)
  parts.calls.stop()
  await parts.outbox.stop(Math.max(0, deadlineMs - clock.monotonicMs()))
  conversations.flushAll()
  await ended(() => conversations.queued === 0)
  const left = { events: conversations.queued, acknowledgements: conversations.unflushed }
  if (left.events + left.acknowledgements > 0) {
    log.warn(
      { event: 'stop.unfinished', ...left },
      'the grace is over, the rest stays in the store'
    )
  }
  untaken.stop()
  conversations.stop()
  await parts.alarms.stop(Math.max(0, deadlineMs - clock.monotonicMs()))
  await parts.caution.stop()
  parts.gate.stop()
}
