/** What is measured: a name as Prometheus writes it, one sentence, the names of its labels. */
export interface MetricSpec {
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
}

export interface HistogramSpec extends MetricSpec {
  /** Upper bounds, rising. */
  readonly buckets: readonly number[]
}

/** Adds to one series of a counter, or shows a value to one of a histogram. */
export type Tally = (amount: number) => void

/** A value of a gauge as it is now. */
export interface Sample {
  readonly value: number
  readonly labels: readonly string[]
}

/**
 * Where the runtime counts; `prometheusMetrics` of `chaperone/ops` is one, and any other fits.
 *
 * The values of labels come in the order of the spec. A series is asked for once and kept.
 */
export interface Metrics {
  counter(spec: MetricSpec): (...values: readonly string[]) => Tally
  histogram(spec: HistogramSpec): (...values: readonly string[]) => Tally
  /** Read when somebody looks, until the returned function is called. */
  gauge(spec: MetricSpec, read: () => readonly Sample[] | Promise<readonly Sample[]>): () => void
}
