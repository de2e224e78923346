import type { Receipt, Sent } from '../../channel/channel.ts'
import type { TurnEvent } from '../../conversation/turn-event.ts'
import type { Clock, Millis } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { HistogramSpec, MetricSpec, Metrics, Sample } from '../../kernel/metrics.ts'
import { whatWasThrown } from '../../kernel/thrown.ts'
import { POLICY } from '../../supervision/policy.ts'
import type { SendAlarm } from '../alarms.ts'
import type { StoreMeter } from '../gate/store-call.ts'
import type { Listeners } from '../trace.ts'
import { COUNTERS, GAUGES, HISTOGRAMS } from './catalogue.ts'
import { Series } from './series.ts'
import { OFFERS, ZEROS } from './zeros.ts'

/** Reads gauges by their name in the catalogue. */
export type Readings = { readonly [K in keyof typeof GAUGES]?: () => readonly Sample[] }

/** What is known of a conversation whose events are taken. */
interface Place {
  readonly memory: {
    readonly fence: { readonly version: number } | null
    readonly record: { readonly flow: { readonly flow: string } } | null
    readonly aliasOf: string | null
  } | null
}

const MS = 1_000

/**
 * Counts what the runtime does: the one place that maps what happens to metrics.
 *
 * Most is heard where it is told anyway, from listeners and the log; the rest is a line each where
 * it happens. Labels are words of this code, of the bot's definition or of the policy, and never of
 * a member.
 */
export class Meter {
  /** Hears of every call of the store. */
  readonly store: StoreMeter
  readonly #metrics: Metrics
  readonly #clock: Clock
  readonly #log: Log
  readonly #counts: { readonly [K in keyof typeof COUNTERS]: Series }
  readonly #times: { readonly [K in keyof typeof HISTOGRAMS]: Series }
  readonly #breakers = new Map<string, boolean>()
  #ends: readonly (() => void)[] = []
  #hasFailed = false

  /** `log` bears the failures of the metrics themselves. */
  constructor(metrics: Metrics, clock: Clock, log: Log) {
    this.#metrics = metrics
    this.#clock = clock
    this.#log = log
    this.#counts = this.#all(COUNTERS, spec => metrics.counter(spec))
    this.#times = this.#all(HISTOGRAMS, spec => metrics.histogram(spec))
    for (const [name, series] of Object.entries(ZEROS))
      for (const labels of series) this.#counts[name as keyof typeof ZEROS].add(0, ...labels)
    this.store = {
      answered: (operation, startedMs, answer) => {
        this.#stored(operation, startedMs, tagOf(answer))
      },
      threw: (operation, startedMs, { failure }) => {
        this.#stored(operation, startedMs, failure.code)
      }
    }
  }

  /** Counts what the runtime tells its host. */
  listen(listeners: Listeners): void {
    const counts = this.#counts
    listeners.on('failure', ({ tag, code, rule, directive, act }) => {
      counts.failures.add(1, tag, code)
      counts.decisions.add(1, rule === null ? 'ladder' : String(rule), directive, act ?? 'shed')
    })
    listeners.on('restarted', ({ directive }) => counts.restarts.add(1, directive))
    listeners.on('parked', ({ act }) => counts.parked.add(1, act))
    listeners.on('held', ({ by, handover }) => counts.held.add(1, holder(by, handover)))
    listeners.on('recovered', ({ rung }) => counts.recoveries.add(1, String(rung)))
    listeners.on('setAside', ({ rows }) => {
      for (const { what } of rows) counts.setAside.add(1, what)
    })
    listeners.on('rollback', () => counts.rollbacks.add(1))
    listeners.on('alarm', ({ failure }) => counts.alarms.add(1, failure.code))
  }

  /** The same log, counted. */
  tapped(log: Log): Log {
    const heard =
      (level: keyof Log) =>
      (fields: object, message?: string): void => {
        this.#line(level, fields as LogFields)
        log[level](fields, message)
      }
    return {
      debug: heard('debug'),
      info: heard('info'),
      warn: heard('warn'),
      error: heard('error')
    }
  }

  /** The same way to send alarms, counted. */
  posting(send: SendAlarm): SendAlarm {
    return async (url, notice, signal) => {
      let outcome = 'untaken'
      // A client that does not heed its signal settles late, or never.
      const late = (): void => this.#counts.alarmPosts.add(1, outcome)
      signal.addEventListener('abort', late, { once: true })
      try {
        await send(url, notice, signal)
        outcome = 'taken'
      } finally {
        signal.removeEventListener('abort', late)
        if (!signal.aborted) late()
      }
    }
  }

  /** What came in ends with this receipt. */
  async received(event: string, receipt: Promise<Receipt>): Promise<Receipt> {
    const startedMs = this.#clock.monotonicMs()
    const ended = await receipt
    const reason = ended.tag === 'shed' ? ended.reason : 'none'
    this.#counts.receipts.add(1, event, ended.tag, reason)
    this.#times.receiptSeconds.add((this.#clock.monotonicMs() - startedMs) / MS, event)
    return ended
  }

  /** Takes one event; what an alias hands on is counted where it is taken. */
  async taking(
    cell: Place,
    event: TurnEvent,
    time: Pick<Clock, 'nowMs'>,
    take: () => Promise<Receipt | null>
  ): Promise<Receipt | null> {
    const startedMs = this.#clock.monotonicMs()
    const before = cell.memory
    let ended: Receipt | 'failed' | null = 'failed'
    try {
      ended = await take()
      return ended
    } finally {
      const record = cell.memory?.record ?? before?.record ?? null
      if (ended !== null && (cell.memory?.aliasOf ?? null) === null) {
        const outcome = outcomeOf(ended, before?.fence?.version)
        this.#counts.turns.add(1, event.kind, record?.flow.flow ?? 'none', outcome)
        this.#times.turnSeconds.add((this.#clock.monotonicMs() - startedMs) / MS, event.kind)
        if (event.kind === 'TimerDue' && outcome === 'committed') {
          this.#times.timerLateness.add(Math.max(0, time.nowMs() - event.dueMs) / MS)
        }
      }
    }
  }

  /** An offer of a reply has ended. */
  offered(channel: string, { tag }: Sent, tookMs: Millis): void {
    this.#counts.replies.add(1, channel, tag)
    this.#times.sendSeconds.add(tookMs / MS, channel)
  }

  /** A post of a provider was answered. */
  posted(channel: string, status: number): void {
    this.#counts.webhookPosts.add(1, channel, String(status))
  }

  /** Lets gauges be read until `stop`, and begins what these channels and calls are counted by. */
  watch(
    readings: Readings,
    { channels, calls }: { readonly channels: Iterable<string>; readonly calls: readonly string[] }
  ): void {
    for (const channel of channels)
      for (const outcome of OFFERS) this.#counts.replies.add(0, channel, outcome)
    for (const call of calls) if (!this.#breakers.has(call)) this.#breakers.set(call, false)
    const breaker = (): readonly Sample[] =>
      [...this.#breakers].map(([call, isOpen]) => ({ value: Number(isOpen), labels: [call] }))
    const all: Readings = { ...readings, breaker }
    this.#ends = Object.entries(GAUGES).flatMap(([name, spec]) => {
      const read = all[name as keyof typeof GAUGES]
      return read === undefined ? [] : this.#counting(() => this.#metrics.gauge(spec, read))
    })
  }

  stop(): void {
    for (const end of this.#ends) this.#counting(end)
    this.#ends = []
  }

  /** What it gave, alone; nothing where it throws. */
  #counting<T>(run: () => T): readonly T[] {
    try {
      return [run()]
    } catch (error) {
      this.#failed(error)
      return []
    }
  }

  #stored(operation: string, startedMs: Millis, outcome: string): void {
    this.#counts.storeCalls.add(1, operation, outcome)
    this.#times.storeSeconds.add((this.#clock.monotonicMs() - startedMs) / MS, operation)
  }

  #line(level: keyof Log, fields: LogFields): void {
    const { event = 'none' } = fields
    if (level === 'warn' || level === 'error') this.#counts.logLines.add(1, level, event)
    if (event === 'call.attempt') {
      const { call = '', what, ended, tookMs = 0 } = fields
      this.#counts.callAttempts.add(1, call, what, ended)
      this.#times.callSeconds.add(tookMs / MS, call)
    } else if (event === 'call.breaker') {
      this.#breakers.set(fields.call ?? '', fields.state === 'open')
    }
  }

  #all<K extends string, S extends MetricSpec | HistogramSpec>(
    specs: Readonly<Record<K, S>>,
    make: (spec: S) => ConstructorParameters<typeof Series>[0]
  ): Readonly<Record<K, Series>> {
    const failed = (error: unknown): void => this.#failed(error)
    const made = Object.entries<S>(specs).map(([name, spec]) => {
      return [name, new Series(make(spec), spec.labels, failed)]
    })
    return Object.fromEntries(made) as Readonly<Record<K, Series>>
  }

  /** Said once: what fails at every message would fill the log. */
  #failed(error: unknown): void {
    if (this.#hasFailed) return
    this.#hasFailed = true
    const fields = { event: 'metrics.failed', why: whatWasThrown(error) }
    this.#log.warn(fields, 'what is counted is incomplete')
  }
}

/** What is read from lines of the log. */
interface LogFields {
  readonly event?: string
  readonly call?: string
  readonly what?: string
  readonly ended?: string
  readonly tookMs?: number
  readonly state?: string
}

function tagOf(answer: unknown): string {
  const tag = typeof answer === 'object' && answer !== null && 'tag' in answer ? answer.tag : null
  return typeof tag === 'string' ? tag : 'done'
}

function holder(by: string, handover: boolean): string {
  if (handover) return 'handover'
  return by === POLICY ? 'policy' : 'operator'
}

/** What means nothing to the bot commits nothing, and is told so only to who sent it. */
function outcomeOf(ended: Receipt | 'failed', before: number | undefined): string {
  if (ended === 'failed') return ended
  return ended.tag === 'committed' && ended.version === before ? 'ignored' : ended.tag
}
