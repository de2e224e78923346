import assert from 'node:assert/strict'
import type { Policy } from '../../lib/supervision/policy.ts'
import { aWorld, type Process, until, type World } from '../support/a-world.ts'
import { chainProgram } from '../support/chain-program.ts'

interface Mortal {
  readonly process: Process
  /** Runs of `bad`. */
  readonly runs: () => number
  /** Resets in its place. */
  readonly resets: () => number
}

/** A run of `bad` ends its process, as `process.exit` would; so does the reset in its place. */
async function aMortal(
  world: World,
  policy: Partial<Policy> = { restarts: 1, ladder: ['restart', 'park'] }
): Promise<Mortal> {
  let runs = 0
  let resets = 0
  let process: Process | null = null
  const bot = chainProgram({
    hook: (_state, { id }) => {
      if (id !== 'bad') return undefined
      runs += 1
      process?.kill()
      throw new Error('the process is ended')
    }
  })
  const reset = (): never => {
    resets += 1
    process?.kill()
    throw new Error('the process is ended')
  }
  process = await world.start({ bot: { ...bot, reset }, policy })
  return { process, runs: () => runs, resets: () => resets }
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

  it('is given up at once where enough ended in it long ago', async () => {
    const world = await ended(9)
    const young = await aMortal(world)

    const parked = await until(world.clock, young.process.say('bad'))

    assert.deepEqual([parked.tag, young.runs()], ['parked', 0])
  })

  it('is not parked without its reset for a process that may be in one', async () => {
    const world = await ended(1)
    const young = await aMortal(world, resetting(1))

    // The third, in a reset, has not been gone for a lease.
    const shed = await until(world.clock, young.process.say('bad'))

    assert.deepEqual([shed.tag, young.runs(), young.resets()], ['shed', 0, 0])
    await world.pass(7_000)
    const parked = await until(world.clock, young.process.say('bad'))
    assert.deepEqual([parked.tag, young.runs(), young.resets()], ['parked', 0, 0])
  })
})

function resetting(restarts: number): Partial<Policy> {
  return { restarts, ladder: ['restart', 'reset', 'park'] }
}

/** Two processes ended in runs of `bad` long ago, a third just now: in a run, or in a reset. */
async function ended(restarts: number): Promise<World> {
  const world = aWorld()
  const lives = await world.start()
  await until(world.clock, lives.say('m0'))
  const deaths: Mortal[] = []
  for (const heardMs of [0, 3_000, 3_000]) {
    if (deaths.length > 0) await world.pass(7_000)
    const mortal = await aMortal(world, resetting(restarts))
    await world.pass(heardMs)
    void mortal.process.say('bad')
    await world.pass(10)
    assert.equal(mortal.runs() + mortal.resets(), 1)
    deaths.push(mortal)
  }
  assert.equal(deaths.at(-1)?.resets(), restarts === 1 ? 1 : 0)
  return world
}
