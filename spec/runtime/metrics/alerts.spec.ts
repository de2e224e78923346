import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { COUNTERS, GAUGES, HISTOGRAMS } from '../../../lib/runtime/metrics/catalogue.ts'

interface Alert {
  readonly alert: string
  readonly expr: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

const file = parse(readFileSync('config/alerts.yaml', 'utf8')) as {
  readonly groups: readonly { readonly rules: readonly Alert[] }[]
}
const alerts = file.groups.flatMap(({ rules }) => rules)
/** Names as a server sees them, with their labels; those of the scrape are on all. */
const known = new Map<string, readonly string[]>([
  ...[...Object.values(COUNTERS), ...Object.values(GAUGES)].map(named),
  ...Object.values(HISTOGRAMS).flatMap(({ name, labels }) =>
    ['bucket', 'sum', 'count'].map(end => named({ name: `${name}_${end}`, labels }))
  )
])

function named({ name, labels }: { readonly name: string; readonly labels: readonly string[] }) {
  return [name, labels] as const
}

/** What an expression asks of each metric: its name, and the labels it is picked by. */
function asked(expr: string): readonly (readonly [string, readonly string[]])[] {
  return [...expr.matchAll(/(chaperone_\w+)(?:\{([^}]*)\})?/g)].map(
    ([, name = '', picked = '']) => [
      name,
      [...picked.matchAll(/(\w+)\s*[=!]/g)].map(([, label = '']) => label)
    ]
  )
}

describe('the alerts for Prometheus', () => {
  it('ask for metrics and labels that there are', () => {
    assert.ok(alerts.length >= 5)
    for (const { alert, expr } of alerts) {
      const names = asked(expr)
      assert.ok(names.length > 0, `${alert} asks for no metric`)
      for (const [name, labels] of names) {
        const has = known.get(name) ?? assert.fail(`${alert}: there is no metric ${name}`)
        for (const label of labels) assert.ok(has.includes(label), `${alert}: ${name}{${label}}`)
      }
    }
  })

  it('say what is wrong, with labels that their metrics have', () => {
    for (const { alert, expr, labels, annotations } of alerts) {
      assert.match(alert, /^Chaperone[A-Z]/)
      assert.ok(['page', 'ticket'].includes(labels['severity'] ?? ''), alert)
      const { summary = '' } = annotations
      assert.ok(summary.length > 10, alert)
      const shown = [...summary.matchAll(/\$labels\.(\w+)/g)].map(([, label = '']) => label)
      const has = new Set(['instance', ...asked(expr).flatMap(([name]) => known.get(name) ?? [])])
      for (const label of shown) assert.ok(has.has(label), `${alert}: ${label}`)
    }
  })

  it('lead to pages and headings that there are', () => {
    for (const { alert, annotations } of alerts) {
      const { see } = annotations
      if (see === undefined) continue
      const [page = '', heading] = see.split(', "')
      const text = readFileSync(page, 'utf8')
      if (heading !== undefined)
        assert.match(text, new RegExp(`^#+ ${heading.slice(0, -1)}$`, 'm'), alert)
    }
  })
})
