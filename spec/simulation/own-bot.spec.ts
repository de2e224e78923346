import assert from 'node:assert/strict'
import { simulate } from '../../lib/testing/sim/simulate.ts'
import { ownBot } from './own-bot.ts'

describe('a bot of one’s own', () => {
  it('lives as those of the simulator do, and keeps every promise', async () => {
    const own = await ownBot('examples/first-bot/bot.ts')
    assert.ok(typeof own === 'object')
    let turns = 0
    for (let seed = 1; seed <= 8; seed += 1) {
      const life = await simulate(seed, own)

      assert.deepEqual(life.violations, [])
      turns += life.turns
    }
    assert.ok(turns > 100)
  }).timeout(20_000)

  for (const [path, why] of [
    ['nowhere.ts', /there is no file nowhere\.ts/],
    ['spec/simulation/mutants.ts', /mutants\.ts exports no bot, neither as default nor as bot/],
    [
      'spec/simulation/bots/wordless-bot.ts',
      /gives no bot: CHP_BOT_INVALID: Bot "wordless": .*nobody\.wrote/
    ]
  ] as const)
    it(`is refused in one line: ${path}`, async () => {
      const refusal = await ownBot(path)

      assert.ok(typeof refusal === 'string')
      assert.match(refusal, why)
      assert.ok(!refusal.includes('\n'))
    })
})
