import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { MetricSpec, Metrics, Sample, Tally } from '../kernel/metrics.ts'

export interface PrometheusOptions {
  /** Where the metrics are registered, beside those of the host; default: one of their own. */
  readonly registry?: Registry
  /** Stands before every name, as `ledger_`; default none: names begin with `chaperone_`. */
  readonly prefix?: string
  /** Also what prom-client knows of the process: CPU, heap, event loop, files. Default: false. */
  readonly process?: boolean
}

/** Metrics that a Prometheus server can read. */
export interface PrometheusMetrics extends Metrics {
  readonly registry: Registry
  /** What a scrape is answered with. */
  readonly contentType: string
  /** Everything in the registry as text, as it is now. */
  text(): Promise<string>
}

type Read = Parameters<Metrics['gauge']>[1]

/**
 * Counts with prom-client, for `createRuntime({ metrics })`.
 *
 * Several runtimes of a process may share one: their counts add up, and so do their gauges. A gauge
 * that cannot be read is left out of the text. Fails with prom-client's own error when the registry
 * bears one of the names already.
 *
 * @example
 * const metrics = prometheusMetrics()
 * const runtime = createRuntime({ bot, store, metrics })
 * app.get('/metrics', async (_req, res) => {
 *   res.type(metrics.contentType).send(await metrics.text())
 * })
 */
export function prometheusMetrics({
  registry = new Registry(),
  prefix = '',
  process = false
}: PrometheusOptions = {}): PrometheusMetrics {
  if (process) collectDefaultMetrics({ register: registry, prefix })
  const made = new Map<string, unknown>()
  // The second runtime counts where the first does: a name is registered once.
  const once = <T>({ name }: MetricSpec, make: () => T): T => {
    const known = (made.get(name) as T | undefined) ?? make()
    made.set(name, known)
    return known
  }
  const shared = ({ name, help, labels }: MetricSpec) => ({
    name: `${prefix}${name}`,
    help,
    labelNames: [...labels],
    registers: [registry]
  })
  return {
    registry,
    contentType: registry.contentType,
    text: () => registry.metrics(),
    counter: spec => {
      const counter = once(spec, () => new Counter(shared(spec)))
      return (...values) => {
        const series = counter.labels(...values)
        return amount => series.inc(amount)
      }
    },
    histogram: spec => {
      const { buckets } = spec
      const histogram = once(spec, () => new Histogram({ ...shared(spec), buckets: [...buckets] }))
      return (...values): Tally => {
        const series = histogram.labels(...values)
        return amount => series.observe(amount)
      }
    },
    gauge: (spec, read) => {
      const reads = once(spec, () => gauge(shared(spec)))
      reads.add(read)
      return () => reads.delete(read)
    }
  }
}

/** A gauge that asks all who know a part of it. */
function gauge(options: {
  name: string
  help: string
  labelNames: string[]
  registers: Registry[]
}) {
  const reads = new Set<Read>()
  new Gauge({
    ...options,
    async collect() {
      const read = (await Promise.all([...reads].map(samplesOf))).flat()
      // Not before the wait: another scrape may have filled it meanwhile.
      this.reset()
      // After a reset prom-client shows a 0 where there are no labels.
      if (read.length === 0 && options.labelNames.length === 0) this.remove()
      for (const { value, labels } of read) this.labels(...labels).inc(value)
    }
  })
  return reads
}

async function samplesOf(read: Read): Promise<readonly Sample[]> {
  try {
    return await read()
  } catch {
    return []
  }
}
