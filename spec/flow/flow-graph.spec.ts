import assert from 'node:assert/strict'
import {
  accept,
  ask,
  confirm,
  defineFlow,
  end,
  enter,
  flowGraph,
  goto,
  rest,
  text
} from '../../lib/flow/index.ts'

const sub = defineFlow(
  { name: 'sub', start: 'sure' },
  {
    sure: confirm({
      prompt: text('sure'),
      confirmed: end(),
      cancelled: end(),
      invalid: text('bad')
    })
  }
)
const elsewhere = () => goto('name')
const main = defineFlow(
  { name: 'main "one"', start: 'name', stage: 'MAIN' },
  {
    name: ask({ fields: [], prompt: text('ask'), read: () => accept({}), next: goto('part') }),
    part: enter({ flow: sub, returned: goto('look') }),
    look: rest({ next: () => elsewhere() })
  }
)
const spec = { name: 'b', flows: [main, sub], start: 'main "one"', texts: { en: {} } }

describe('flowGraph', () => {
  it('draws a box per flow, a node per step and an arrow per way out', () => {
    assert.deepEqual(flowGraph(spec).split('\n'), [
      'flowchart TD',
      '  subgraph f0["main #quot;one#quot; (MAIN)"]',
      '    s0["name: ask"]',
      '    s1["part: enter"]',
      '    s2["look: rest"]',
      '  end',
      '  subgraph f1["sub (MENU)"]',
      '    s3["sure: confirm"]',
      '  end',
      '  begin((start)) --> s0',
      '  s0 -->|"accepted"| s1',
      '  s1 -->|"returned"| s2',
      '  s1 -->|"enters"| s3',
      '  s2 -.->|"next"| unseen["?"]',
      '  s3 -->|"confirmed, ends"| s0',
      '  s3 -->|"cancelled, ends"| s0',
      ''
    ])
  })
})
