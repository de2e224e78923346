import type { Channel, Outgoing, Sent } from '../../lib/channel/channel.ts'
import { silentLog } from '../../lib/kernel/log.ts'
import { seededRandom } from '../../lib/kernel/random.ts'
import { NEVER, type Queued } from '../../lib/outbox/lane.ts'
import { Outbox, type OutboxLimits, type OutboxParts } from '../../lib/outbox/outbox.ts'
import type { HoldOutcome } from '../../lib/store/reply-hold.ts'
import { type SimulatedClock, simulatedClock } from '../../lib/testing/simulated-clock.ts'
import { turns } from './a-world.ts'

const ADDRESS = { channel: 'chan', account: 'a', user: 'u' }
export const SENT: Sent = { tag: 'sent', providerId: null }
export const LATER: Sent = { tag: 'later', afterMs: 0, why: 'planned' }

/** An outbox alone, with a channel that does as it is told. */
export interface OutboxBench {
  readonly clock: SimulatedClock
  readonly outbox: Outbox
  readonly offers: string[]
  readonly acknowledged: [conversation: string, epoch: string, through: number][]
  /** What the store says when it is asked, or a failure of it. */
  readonly owed: {
    through: number | Error | Promise<number>
    /** Who holds them: `own` for this outbox, null when the conversation is gone. */
    by: string | null
    untilMs?: number
  }
  /** What was asked of the store for a hold. */
  readonly holds: [conversation: string, epoch: string, ms: number][]
  /** Alarms, ends of alarms and replies given up, in order. */
  readonly told: (readonly string[])[]
  /** What went wrong although nobody had foreseen it. */
  readonly failures: unknown[]
  answer: (outgoing: Outgoing, signal: AbortSignal) => Sent | Promise<Sent>
  channel: Channel | undefined
  readonly deliver: (
    sequences: readonly number[],
    conversation?: string,
    epoch?: string,
    heardAtMs?: number | null,
    account?: string
  ) => void
  /** A reply that answers what somebody has just said. */
  readonly answerTo: (conversation: string) => void
  /** The same for rows of `c` that another process may have sent. */
  readonly deliverForeign: (sequences: readonly number[]) => void
  readonly run: (ms?: number) => Promise<void>
}

/** Makes one; `onAcknowledged` runs before each word that a reply was taken. */
export function outboxBench(
  onAcknowledged: () => void = () => undefined,
  limits: Partial<OutboxLimits> = {}
): OutboxBench {
  const clock = simulatedClock({ startMs: 0 })
  const offers: string[] = []
  const acknowledged: OutboxBench['acknowledged'] = []
  const owed: OutboxBench['owed'] = { through: 0, by: 'own' }
  const holds: OutboxBench['holds'] = []
  const told: OutboxBench['told'] = []
  const failures: unknown[] = []
  const channel = channelOf(offers, (...offer) => made.answer(...offer))
  const outbox = new Outbox({
    clock,
    random: seededRandom(3),
    log: silentLog,
    time: clock,
    limits: { sends: 64, lanes: 10_000, leaseMs: 10_000, acknowledgeWithinMs: 500, ...limits },
    channel: () => made.channel,
    acknowledged: (conversation, epoch, { sequence }) => {
      onAcknowledged()
      acknowledged.push([conversation, epoch, sequence])
    },
    acknowledgedThrough: () => throughOf(owed),
    hold: (...asked) => {
      holds.push(asked)
      return heldBy(owed, clock.nowMs() + asked[2])
    },
    ended: () => undefined,
    failed: error => failures.push(error),
    ...tellers(told)
  })
  const made: OutboxBench = {
    clock,
    outbox,
    offers,
    acknowledged,
    owed,
    holds,
    told,
    failures,
    answer: () => SENT,
    channel,
    deliver: (sequences, conversation = 'c', epoch = 'e', heardAtMs = null, account = 'a') => {
      const ownUntilMs = clock.monotonicMs() + (limits.leaseMs ?? 10_000)
      const rows = rowsOf(sequences, { conversation, epoch, ownUntilMs })
      outbox.deliver(conversation, { ...ADDRESS, account }, rows, { heardAtMs })
    },
    answerTo: conversation => {
      const rows = rowsOf([1], { conversation, epoch: 'e', ownUntilMs: 10_000 })
      outbox.deliver(conversation, ADDRESS, rows, { isAwaited: true })
    },
    deliverForeign: sequences =>
      outbox.deliver('c', ADDRESS, rowsOf(sequences, FOREIGN), { mayBeSent: true }),
    run: (ms = 500_000) => runFor(clock, ms)
  }
  return made
}

function tellers(
  told: OutboxBench['told']
): Pick<OutboxParts, 'alarm' | 'sent' | 'refused' | 'undeliverable'> {
  return {
    alarm: (...args) => told.push(['alarm', ...args]),
    sent: name => told.push(['sent', name]),
    refused: (conversation, { key }) => told.push(['refused', conversation, key]),
    undeliverable: (...args) => told.push(['undeliverable', ...args.map(String)])
  }
}

function channelOf(offers: string[], answer: OutboxBench['answer']): Channel {
  return {
    name: 'chan',
    sendTimeoutMs: 1_000,
    unfit: () => null,
    mount: host => host,
    send: async (outgoing, signal) => {
      offers.push(outgoing.key)
      return answer(outgoing, signal)
    }
  }
}

async function throughOf({ through }: OutboxBench['owed']): Promise<number> {
  if (through instanceof Error) throw through
  return through
}

async function heldBy(owed: OutboxBench['owed'], endMs: number): Promise<HoldOutcome> {
  const acknowledgedThrough = await throughOf(owed)
  const { by, untilMs = endMs } = owed
  if (by === null) return { tag: 'gone' }
  return { tag: by === 'own' ? 'held' : 'other', by, untilMs, acknowledgedThrough }
}

const FOREIGN = { conversation: 'c', epoch: 'e', ownUntilMs: NEVER }

function rowsOf(
  sequences: readonly number[],
  { conversation, epoch, ownUntilMs }: typeof FOREIGN
): Queued[] {
  return sequences.map(sequence => {
    const reply = { kind: 'text' as const, text: String(sequence) }
    const key = `${conversation}.${epoch}.${sequence}`
    const by = ownUntilMs === NEVER ? 'other/1' : 'own/1'
    return { sequence, row: `row ${sequence}`, epoch, key, reply, by, at: 0, ownUntilMs }
  })
}

/** Moves the clock from timer to timer until none is left in the time. */
async function runFor(clock: SimulatedClock, ms: number): Promise<void> {
  const endMs = clock.nowMs() + ms
  for (;;) {
    await turns(3)
    const next = clock.nextDueMs()
    if (next === null || next > endMs) return
    clock.advanceTo(next)
  }
}
