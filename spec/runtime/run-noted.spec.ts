import assert from 'node:assert/strict'
import { aWorld, type Process, until, type World } from '../support/a-world.ts'
import { chainProgram } from '../support/chain-program.ts'

/** A run of `bad` ends its process, as `process.exit` would. */
async function aMortal(world: World): Promise<{ process: Process; runs: () => number }> {
  let runs = 0
  let process: Process | null = null
  const bot = chainProgram({
    hook: (_state, { id }) => {
      if (id !== 'bad') return undefined
      runs += 1
      process?.kill()
      throw new Error('the process is ended')
    }
  })
  const policy = { restarts: 1, ladder: ['restart', 'park'] } as const
  process = await world.start({ bot, policy })
  return { process, runs: () => runs }
}

describe('a message that ends processes, met by one that has just started', () => {
  it('is not given up for a process that lives and has not been heard of yet', async () => {
    const world = aWorld()
    const lives = await world.start()
    await until(world.clock, lives.say('m0'))
    const first = await aMortal(world)
    void first.process.say('bad')
    await world.pass(10)
    assert.equal(first.runs(), 1)

    const second = await aMortal(world)
    const shed = await until(world.clock, second.process.say('bad'))
    assert.deepEqual([shed.tag, second.runs()], ['shed', 0])

    await world.pass(3_000)
    void second.process.say('bad')
    await world.pass(10)
    // One ended, and the one that lives is none of them: it runs once more.
    assert.equal(second.runs(), 1)
    const third = await aMortal(world)
    await world.pass(7_000)
    const parked = await until(world.clock, third.process.say('bad'))
    assert.deepEqual([parked.tag, third.runs()], ['parked', 0])
    assert.equal((await until(world.clock, lives.say('m1'))).tag, 'committed')
  })
})
