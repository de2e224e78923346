import assert from 'node:assert/strict'
import type { Receipt } from '../../../lib/channel/channel.ts'
import { createRuntime, type Runtime } from '../../../lib/runtime/runtime.ts'
import { redisStore } from '../../../lib/store/redis/redis-store.ts'
import { ADDRESS } from '../../support/a-world.ts'
import { chainProgram } from '../../support/chain-program.ts'
import { eventually } from '../../support/eventually.ts'
import { type ClusterGroup, startCluster } from '../../support/redis-cluster.ts'

const USERS = Array.from({ length: 60 }, (_, index) => `u${index}`)

describe('a runtime on a Cluster of which one master died', () => {
  let cluster: ClusterGroup
  let runtime: Runtime
  const told: Record<string, unknown>[] = []
  const say = (id: string, user: string): Promise<Receipt> =>
    runtime
      .conversation({ ...ADDRESS, user })
      .receive({ id, content: { kind: 'text', text: 'silent' } })

  before(async () => {
    // A long time-out: nobody is promoted, and the others go on alone.
    cluster = await startCluster({ replicas: false, nodeTimeoutMs: 1_500 })
    const note = (fields: object): void => void told.push(fields as Record<string, unknown>)
    runtime = createRuntime({
      bot: chainProgram(),
      store: redisStore({ cluster: cluster.urls, commandTimeoutMs: 300 }),
      logger: { debug: () => undefined, info: () => undefined, warn: note, error: note }
    })
    await runtime.start()
  })
  after(async () => {
    await runtime.stop({ graceMs: 100 })
    await cluster.stop()
  })

  it('turns its conversations away at once, takes all others, and comes back alone', async () => {
    for (const user of USERS) assert.equal((await say('m0', user)).tag, 'committed')
    await cluster.masters[0]!.kill('SIGKILL')
    void Promise.all(USERS.map(user => say('m1', user)))
    await eventually(async () => told.some(({ event }) => event === 'store.away'))

    const receipts = await Promise.all(USERS.map(user => say('m2', user)))

    const shed = receipts.filter(({ tag }) => tag === 'shed').length
    assert.ok(shed > 0 && shed < USERS.length, `${shed} shed`)
    assert.ok(receipts.every(({ tag }) => tag === 'shed' || tag === 'committed'))
    assert.equal(runtime.ready, true)
    assert.equal(told.filter(({ event }) => event === 'store.away').length, 1)

    await cluster.masters[0]!.start()
    await eventually(async () => told.some(({ event }) => event === 'store.back'))
    await eventually(async () => {
      const again = await Promise.all(USERS.map(user => say('m2', user)))
      return again.every(({ tag }) => tag === 'duplicate' || tag === 'committed')
    })
  }).timeout(40_000)
})
