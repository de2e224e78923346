import assert from 'node:assert/strict'
import { components } from '../../../lib/flow/components/index.ts'
import type { Bot } from '../../../lib/flow/index.ts'
import { everyStepBot } from '../../../lib/testing/sim/every-step-bot.ts'
import { FORM_WORDS } from '../../../lib/testing/sim/members.ts'
import { simulate } from '../../../lib/testing/sim/simulate.ts'

describe('the simulated bot of every step', function () {
  this.timeout(60_000)

  it('uses every kind of step that an author may write', () => {
    const { spec } = everyStepBot as unknown as Bot
    const kinds = spec.flows.flatMap(({ steps }) => Object.values(steps).map(({ kind }) => kind))

    const written = Object.keys(components).filter(kind => kind !== 'offer')
    assert.deepEqual([...new Set(kinds)].sort(), written.sort())
    assert.ok(spec.flows.some(({ resume }) => resume !== null))
  })

  // 9 and 63: the list of the held kept whom a recovery had let go. 165 and 190: a recovery brought
  // a handover back without the timer that ends it.
  for (const seed of [9, 63, 165, 190])
    it(`keeps every promise in the life of seed ${seed}`, async () => {
      const { violations } = await simulate(seed, { bot: everyStepBot, words: FORM_WORDS })

      assert.deepEqual(violations, [])
    })
})
