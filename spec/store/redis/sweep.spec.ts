import assert from 'node:assert/strict'
import * as E from 'fp-ts/lib/Either.js'
import { ChaperoneError, type FailureCode, failure } from '../../../lib/kernel/failure.ts'
import type { Deployment, Master } from '../../../lib/store/redis/deployment.ts'
import { redisKeys } from '../../../lib/store/redis/keys.ts'
import type { Link } from '../../../lib/store/redis/link.ts'
import { Partly } from '../../../lib/store/redis/partly.ts'
import { Sweep } from '../../../lib/store/redis/sweep.ts'

const SILENT = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined
}

/** A server whose claims take what is due in the first partition, and may lose their answer. */
function aSweep(due: string[], lost: { code: FailureCode | null }) {
  const keys = redisKeys('main')
  const [first] = keys.partitions
  const master: Master = {
    address: 'here',
    link: null,
    call: () => Promise.reject(new Error('not asked')),
    batch: async commands =>
      commands.map(command => {
        const [, key, , , , , , most] = command
        if (key !== first!.due) return E.right([])
        const ids = due.slice(0, Number(most))
        return E.right(ids.flatMap((id, at) => [id, String(at)]))
      })
  }
  const run = async (script: { name: string }, args: readonly unknown[]): Promise<unknown> => {
    if (script.name === 'time') return ['1', '0']
    const ids = due.splice(0, Number(args[2]))
    if (lost.code !== null) throw new ChaperoneError(failure(lost.code, 'planned'))
    return ids
  }
  const deployment: Pick<Deployment, 'run' | 'shares'> = {
    run: async (script, args, read) => read((await run(script, args)) as never, {} as Link),
    shares: asked => [{ master, at: asked.map((_, at) => at) }]
  }
  return new Sweep(deployment as Deployment, keys, new Partly(SILENT))
}

describe('a sweep over Redis', () => {
  it('hands out with the next claim what one had taken whose answer was lost', async () => {
    const lost: { code: FailureCode | null } = { code: 'CHP_STORE_UNAVAILABLE' }
    const sweep = aSweep(['a', 'b', 'c', 'd'], lost)

    await assert.rejects(sweep.claimDue(100, 10_000))
    lost.code = null

    // Two of a partition are looked at before a claim of a hundred.
    assert.deepEqual(await sweep.claimDue(100, 10_000), ['a', 'b'])
    assert.deepEqual(await sweep.claimDue(100, 10_000), [])
  })

  it('hands out nothing that a refused claim did not take', async () => {
    const lost: { code: FailureCode | null } = { code: 'CHP_STORE_REFUSED' }
    const sweep = aSweep(['a', 'b'], lost)

    await assert.rejects(sweep.claimDue(100, 10_000))
    lost.code = null

    assert.deepEqual(await sweep.claimDue(100, 10_000), [])
  })
})
