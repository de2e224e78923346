import type { Core } from '../conversation/record.ts'
import type { BotSpec } from './bot-spec.ts'
import { specOf } from './build.ts'
import { type Placed, stepsOf } from './check/finding.ts'
import { type Lead, leadsOf } from './check/leads.ts'
import type { Flow } from './define-flow.ts'

/**
 * The bot as a Mermaid flowchart: a box per flow, its steps in it, an arrow per way out.
 *
 * A dotted arrow to `?` stands for a way whose function does not name where it goes.
 *
 * @example
 * process.stdout.write(flowGraph(bot.spec))
 */
export function flowGraph<C extends Core>(spec: BotSpec<C>): string {
  const { flows, start, menu = spec.start } = spec as unknown as BotSpec<Core>
  const byName = new Map(flows.map(flow => [flow.name, flow]))
  const ids = new Map<string, string>()
  for (const { flow, step } of stepsOf(flows)) ids.set(`${flow.name}.${step}`, `s${ids.size}`)
  const idOf = (flow: string, step: string): string | undefined => ids.get(`${flow}.${step}`)
  const startOf = (name: string): string | undefined => idOf(name, byName.get(name)?.start ?? '')
  const arrows = stepsOf(flows).flatMap(placed => {
    const from = idOf(placed.flow.name, placed.step) ?? ''
    return [
      ...leadsOf(placed).flatMap(lead => arrowsOf(placed, lead, { from, idOf, startOf, menu })),
      ...subFlowOf(placed).flatMap(name => arrow(from, startOf(name), 'enters'))
    ]
  })
  return [
    'flowchart TD',
    ...flows.flatMap((flow, index) => boxOf(flow, `f${index}`, idOf)),
    ...arrow('begin((start))', startOf(start), ''),
    ...new Set(arrows),
    ''
  ].join('\n')
}

interface Places {
  readonly from: string
  readonly idOf: (flow: string, step: string) => string | undefined
  readonly startOf: (flow: string) => string | undefined
  readonly menu: string
}

function arrowsOf({ flow }: Placed, lead: Lead, places: Places): readonly string[] {
  const { from, idOf, startOf, menu } = places
  const { on, steps, flows, ends, opaque } = lead
  return [
    ...steps.flatMap(step => arrow(from, idOf(flow.name, step), on)),
    ...flows.flatMap(name => arrow(from, startOf(name), on)),
    ...(ends ? arrow(from, startOf(menu), `${on}, ends`) : []),
    ...(opaque ? [`  ${from} -.->|${quoted(on)}| unseen["?"]`] : [])
  ]
}

function boxOf({ name, stage, steps }: Flow, id: string, idOf: Places['idOf']): readonly string[] {
  return [
    `  subgraph ${id}[${quoted(`${name} (${stage})`)}]`,
    ...Object.entries(steps).map(
      ([step, { kind }]) => `    ${idOf(name, step)}[${quoted(`${step}: ${kind}`)}]`
    ),
    '  end'
  ]
}

function subFlowOf({ node }: Placed): readonly string[] {
  if (node.kind !== 'enter') return []
  const spec = specOf(node) as { readonly flow?: { readonly name: string } } | undefined
  return spec?.flow === undefined ? [] : [spec.flow.name]
}

function arrow(from: string, to: string | undefined, on: string): readonly string[] {
  if (to === undefined) return []
  return [on === '' ? `  ${from} --> ${to}` : `  ${from} -->|${quoted(on)}| ${to}`]
}

// Mermaid reads what stands in quotes as text; a quote itself as its entity.
function quoted(said: string): string {
  return `"${said.replaceAll('"', '#quot;')}"`
}
