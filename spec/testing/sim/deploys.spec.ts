import assert from 'node:assert/strict'
import type { EventLine } from '../../../lib/testing/event-log/event-line.ts'
import { simulate } from '../../../lib/testing/sim/simulate.ts'

describe('a simulated life in which the next build is deployed', function () {
  this.timeout(60_000)

  it('has both builds at work on one store, brings records up, and loses nothing', async () => {
    let [migrated, waited, lives] = [0, 0, 0]
    for (let seed = 1; lives < 4; seed += 1) {
      const { faults, lines, violations } = await simulate(seed)
      if (!faults.has('deploy')) continue
      assert.deepEqual(violations, [])
      lives += 1
      const schemas = new Map<string | undefined, number>()
      for (const line of lines.map(text => JSON.parse(text) as EventLine)) {
        if (line.kind === 'stored') schemas.set(line.conv, line.schema ?? 1)
        if (line.migrated !== undefined) migrated += 1
        if (line.defers !== undefined && schemas.get(line.conv) === 2) waited += 1
      }
    }

    assert.ok(migrated >= 4, `${migrated} records were brought up`)
    assert.ok(waited >= 1, 'nothing ever waited for the next build')
  })
})
