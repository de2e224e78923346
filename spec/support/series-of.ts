import type { PrometheusMetrics } from '../../lib/ops/prometheus-metrics.ts'

const LINE = /^(\w+)(?:\{(.*)\})? (\S+)$/

/** Values of one metric as the text shows them, by the values of its labels in their order. */
export async function seriesOf(
  metrics: PrometheusMetrics,
  name: string
): Promise<Readonly<Record<string, number>>> {
  const found: Record<string, number> = {}
  for (const line of (await metrics.text()).split('\n')) {
    const [, metric, labels = '', value] = LINE.exec(line) ?? []
    if (metric !== `chaperone_${name}`) continue
    found[[...labels.matchAll(/"([^"]*)"/g)].map(([, label]) => label).join(' ')] = Number(value)
  }
  return found
}

/** The same without those that count nothing yet. */
export async function countsOf(
  metrics: PrometheusMetrics,
  name: string
): Promise<Readonly<Record<string, number>>> {
  const found = Object.entries(await seriesOf(metrics, name))
  return Object.fromEntries(found.filter(([, value]) => value !== 0))
}
