import assert from 'node:assert/strict'
import { throughLibrary, throughStore } from '../../bench/embedded.ts'

describe('the benchmark of the embedded store', () => {
  for (const [name, through] of Object.entries({ throughLibrary, throughStore })) {
    it(`counts commits and the time of each: ${name}`, async () => {
      const round = await through({ inFlight: 4, conversations: 8, seconds: 0.2 })

      assert.ok(round.perSecond > 0 && Number.isFinite(round.perSecond))
      assert.ok(round.nodeUs > 0 && Number.isFinite(round.nodeUs))
    })
  }
})
