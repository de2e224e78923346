import type { Sample } from '../../kernel/metrics.ts'
import type { Opened } from '../../store/conversation-store.ts'
import type { Running } from '../running.ts'
import type { Readings } from './meter.ts'

const MS = 1_000

/** What gauges show of a running runtime: numbers that it knows, so that to look costs nothing. */
export function readingsOf(
  { parts, conversations, untaken }: Running,
  { durability }: Pick<Opened, 'durability'>,
  store: string,
  isReady: () => boolean
): Readings {
  const { gate, caution, calls, outbox, lag, build } = parts
  return {
    info: () => [{ value: 1, labels: [build, store, durability] }],
    ready: () => one(isReady()),
    storeAnswers: () => one(gate.answers),
    cautious: () => one(caution.isCautious),
    live: () => one(conversations.live),
    queued: () => one(conversations.queued),
    waiting: () => one(gate.waiting),
    untaken: () => one(untaken.open),
    replying: () => one(outbox.open),
    sending: () => one(outbox.sending),
    calls: () => one(calls.open),
    loopLag: () => one(lag.lagMs / MS)
  }
}

function one(value: number | boolean): readonly Sample[] {
  return [{ value: Number(value), labels: [] }]
}
