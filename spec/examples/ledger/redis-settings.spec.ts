import assert from 'node:assert/strict'
import { readRedis } from '../../../examples/ledger/redis-settings.ts'
import { readSettings } from '../../../examples/ledger/settings.ts'
import { startProblem } from '../../../examples/ledger/start-problem.ts'
import { ChaperoneError, failure } from '../../../lib/kernel/failure.ts'

const read = (env: Readonly<Record<string, string>>) =>
  readRedis(env, (setting, problem) => assert.fail(`${setting}: ${problem}`))

describe('the settings of Redis', () => {
  it('name one server, sentinels or a Cluster', () => {
    assert.equal(read({ REDIS_URL: '' }), null)
    assert.deepEqual(read({ REDIS_URL: 'rediss://a:1' })?.place, { url: 'rediss://a:1' })
    assert.deepEqual(read({ REDIS_CLUSTER: 'redis://a:1, redis://b:2' })?.place, {
      cluster: ['redis://a:1', 'redis://b:2']
    })
    const sentinels = { REDIS_SENTINELS: 'redis://a,redis://b', REDIS_MASTER: 'chat' }
    assert.deepEqual(read({ ...sentinels, REDIS_PASSWORD: 'pw' })?.place, {
      sentinel: { nodes: ['redis://a', 'redis://b'], master: 'chat', password: 'pw' }
    })
  })

  it('are named when the servers are not there', () => {
    for (const [setting, env] of [
      ['REDIS_URL', { REDIS_URL: 'redis://a' }],
      ['REDIS_SENTINELS', { REDIS_SENTINELS: 'redis://a', REDIS_MASTER: 'chat' }],
      ['REDIS_CLUSTER', { REDIS_CLUSTER: 'redis://a' }]
    ] as const) {
      const settings = readSettings(env)
      assert.ok('host' in settings)
      const away = new ChaperoneError(failure('CHP_STORE_UNAVAILABLE', 'It is away.'))

      const problem = startProblem(away, settings)

      assert.deepEqual([problem?.setting, problem?.exitCode], [setting, 1])
    }
  })
})
