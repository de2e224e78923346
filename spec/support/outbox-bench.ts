import type { Channel, Outgoing, Sent } from '../../lib/channel/channel.ts'
import { silentLog } from '../../lib/kernel/log.ts'
import { seededRandom } from '../../lib/kernel/random.ts'
import type { Queued } from '../../lib/outbox/lane.ts'
import { Outbox, type OutboxLimits } from '../../lib/outbox/outbox.ts'
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
  readonly owed: { through: number | Error | Promise<number> }
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
    heardAtMs?: number,
    account?: string
  ) => void
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
  const owed: OutboxBench['owed'] = { through: 0 }
  const told: OutboxBench['told'] = []
  const failures: unknown[] = []
  const channel: Channel = {
    name: 'chan',
    sendTimeoutMs: 1_000,
    unfit: () => null,
    mount: host => host,
    send: async (outgoing, signal) => {
      offers.push(outgoing.key)
      return made.answer(outgoing, signal)
    }
  }
  const outbox = new Outbox({
    clock,
    random: seededRandom(3),
    log: silentLog,
    time: clock,
    limits: { sends: 64, lanes: 10_000, leaseMs: 10_000, ...limits },
    channel: () => made.channel,
    acknowledged: (conversation, epoch, { sequence }) => {
      onAcknowledged()
      acknowledged.push([conversation, epoch, sequence])
    },
    acknowledgedThrough: () =>
      owed.through instanceof Error ? Promise.reject(owed.through) : Promise.resolve(owed.through),
    alarm: (...args) => told.push(['alarm', ...args]),
    sent: name => told.push(['sent', name]),
    ended: () => undefined,
    failed: error => failures.push(error),
    undeliverable: (...args) => told.push(['undeliverable', ...args])
  })
  const made: OutboxBench = {
    clock,
    outbox,
    offers,
    acknowledged,
    owed,
    told,
    failures,
    answer: () => SENT,
    channel,
    deliver: (sequences, conversation = 'c', epoch = 'e', heardAtMs, account = 'a') => {
      const rows = rowsOf(sequences, conversation, epoch)
      const delivery = heardAtMs === undefined ? {} : { heardAtMs }
      outbox.deliver(conversation, { ...ADDRESS, account }, rows, delivery)
    },
    deliverForeign: sequences =>
      outbox.deliver('c', ADDRESS, rowsOf(sequences, 'c', 'e'), { mayBeSent: true }),
    run: (ms = 500_000) => runFor(clock, ms)
  }
  return made
}

function rowsOf(sequences: readonly number[], conversation: string, epoch: string): Queued[] {
  return sequences.map(sequence => {
    const reply = { kind: 'text' as const, text: String(sequence) }
    const key = `${conversation}.${epoch}.${sequence}`
    return { sequence, row: `row ${sequence}`, epoch, key, reply }
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
