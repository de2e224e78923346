import assert from 'node:assert/strict'
import { systemClock } from '../../../lib/kernel/clock.ts'
import { failureOf } from '../../../lib/kernel/failure.ts'
import { systemRandom } from '../../../lib/kernel/random.ts'
import { checkedPlace } from '../../../lib/store/redis/place.ts'
import { RedisClient } from '../../../lib/store/redis/redis-client.ts'
import { freePort } from '../../support/redis-server.ts'

const WAITING = 40

describe('a client whose server is not there', () => {
  it('lets any number of calls wait for it, and nobody is warned', async () => {
    const place = checkedPlace({ url: `redis://127.0.0.1:${await freePort()}` })
    assert.ok(place.kind === 'one')
    const client = new RedisClient({
      target: place.target,
      commandTimeoutMs: 100,
      openTimeoutMs: 100,
      clock: systemClock,
      random: systemRandom,
      scripts: []
    })
    const warnings: Error[] = []
    const warned = (warning: Error): void => void warnings.push(warning)
    process.on('warning', warned)

    const waits = await Promise.all(
      Array.from({ length: WAITING }, () =>
        client.ready(100).catch((error: unknown) => failureOf(error)?.code)
      )
    )

    // A warning is told in a later turn of the event loop.
    await new Promise(resolve => setImmediate(resolve))
    process.off('warning', warned)
    client.close()
    assert.deepEqual(new Set(waits), new Set(['CHP_STORE_UNAVAILABLE']))
    assert.deepEqual(warnings, [])
  })
})
