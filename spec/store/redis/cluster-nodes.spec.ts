import assert from 'node:assert/strict'
import { ClusterNodes } from '../../../lib/store/redis/cluster-nodes.ts'
import { simulatedClock } from '../../../lib/testing/simulated-clock.ts'
import { turns } from '../../support/a-world.ts'

describe('the nodes of a Redis Cluster', () => {
  it('are looked at again after a look that threw', async () => {
    const clock = simulatedClock({ startMs: 0 })
    let looks = 0
    const fraction = (): number => {
      looks += 1
      throw new Error('planned')
    }
    const nodes = new ClusterNodes({
      targets: [{ options: { host: '127.0.0.1', port: 1 }, shown: 'a server' }],
      commandTimeoutMs: 100,
      openTimeoutMs: 100,
      clock,
      random: { fraction, bytes: count => new Uint8Array(count) },
      scripts: []
    })
    nodes.look()
    for (const expected of [1, 2, 3]) {
      clock.advanceTo(clock.nextDueMs() ?? assert.fail('nobody looks again'))
      await turns(5)
      assert.equal(looks, expected)
    }

    nodes.close()

    assert.equal(clock.waiting, 0)
  })
})
