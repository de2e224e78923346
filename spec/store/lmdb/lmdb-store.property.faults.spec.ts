import assert from 'node:assert/strict'
import { lmdbWalk } from '../../support/lmdb-walk.ts'

describe('an embedded store of two processes and its model', () => {
  for (const seed of [1, 2, 3]) {
    it(`answer and hold the same while one is killed again and again, seed ${seed}`, async () => {
      const { told, kills } = await lmdbWalk({ seed, steps: 4000, killed: 0.05 })

      for (const tag of ['committed', 'duplicate', 'conflict', 'gone', 'full']) {
        assert.ok(told.has(`commit ${tag}`), tag)
      }
      assert.ok(kills > 20, String(kills))
      process.stdout.write(`      ${kills} kills\n`)
    }).timeout(600_000)
  }
})
