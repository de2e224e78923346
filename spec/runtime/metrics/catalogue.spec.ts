import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { FAILURES } from '../../../lib/kernel/failure.ts'
import { prometheusMetrics } from '../../../lib/ops/prometheus-metrics.ts'
import { COUNTERS, GAUGES, HISTOGRAMS } from '../../../lib/runtime/metrics/catalogue.ts'
import { aWorld } from '../../support/a-world.ts'
import { pageOf } from '../../support/markdown.ts'
import { seriesOf } from '../../support/series-of.ts'

const PAGE = 'docs/operating.md'
const all = [
  ...Object.values(COUNTERS).map(spec => ({ ...spec, type: 'counter' })),
  ...Object.values(HISTOGRAMS).map(spec => ({ ...spec, type: 'histogram' })),
  ...Object.values(GAUGES).map(spec => ({ ...spec, type: 'gauge' }))
]

function documented(): readonly (readonly string[])[] {
  const { tables } = pageOf(PAGE, readFileSync(PAGE, 'utf8'))
  const table = tables.find(({ heading }) => heading === 'Metrics')
  return table?.rows.slice(1) ?? assert.fail(`${PAGE} has no table of metrics`)
}

describe('the catalogue of metrics', () => {
  it('is the table of docs/operating.md: names, types and labels', () => {
    const said = documented().map(cells => cells.slice(0, 3).map(cell => cell.replaceAll('`', '')))

    assert.deepEqual(
      said,
      all.map(({ name, type, labels }) => [name, type, labels.join(', ') || 'none'])
    )
  })

  it('says of each what it is good for, and in which unit', () => {
    for (const [name, , , unit, says] of documented()) {
      assert.ok(unit !== undefined && unit !== '', name)
      assert.ok(says !== undefined && says.length > 10, name)
    }
  })

  it('is what a runtime registers, and nothing else', async () => {
    const metrics = prometheusMetrics()
    await aWorld().start({ metrics })

    const registered = (await metrics.text()).matchAll(/^# TYPE (\S+) (\S+)$/gm)

    assert.deepEqual(
      [...registered].map(([, name, type]) => `${type} ${name}`).sort(),
      all.map(({ name, type }) => `${type} ${name}`).sort()
    )
  })

  it('names units as Prometheus does: counters end in total, times are seconds', () => {
    for (const { name, type } of all) {
      assert.match(name, /^chaperone_[a-z_]+$/)
      assert.equal(name.endsWith('_total'), type === 'counter', name)
      if (type === 'histogram') assert.ok(name.endsWith('_seconds'), name)
    }
  })

  it('begins what happens seldom at 0, so that its first time is a rise', async () => {
    const metrics = prometheusMetrics()
    await aWorld().start({ metrics })
    const zero = async (name: string): Promise<readonly string[]> => {
      const found = Object.entries(await seriesOf(metrics, name))
      assert.ok(found.every(([, value]) => value === 0))
      return found.map(([labels]) => labels)
    }

    const failures = Object.entries(FAILURES).map(([code, { tag }]) => `${tag} ${code}`)
    assert.deepEqual(await zero('failures_total'), failures)
    assert.deepEqual(await zero('alarms_total'), Object.keys(FAILURES))
    assert.deepEqual(await zero('parked_total'), ['reset', 'park'])
    assert.deepEqual(await zero('held_total'), ['policy', 'operator', 'handover'])
    assert.deepEqual(await zero('rollbacks_total'), [''])
    const offers = ['sent', 'later', 'refused', 'dropped'].map(end => `chan ${end}`)
    assert.deepEqual(await zero('replies_total'), offers)
  })
})
