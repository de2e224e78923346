import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { aWorld, type Process, until, type World } from '../support/a-world.ts'
import { allSay, heard } from '../support/hanging-bot.ts'
import { UnsureService, unsureBot } from '../support/unsure-bot.ts'

async function says(world: World, process: Process, ...said: readonly string[]): Promise<void> {
  for (const word of said) {
    await until(world.clock, allSay(world, process, ['a'], word))
    await world.pass(1_000)
  }
}

const standing = async (process: Process) =>
  (await process.chat('a').inspect())?.calls.map(call => call.unresolved ?? 'driven')

/** Two processes, each with its own way to the service; the first's answer is long in coming. */
async function takenOver() {
  const world = aWorld()
  const services = [new UnsureService(), new UnsureService()] as const
  const [slow, lost] = services
  const answers = new EventEmitter()
  slow.slow = once(answers, 'answer')
  const first = await world.start({ bot: unsureBot(slow) })
  const second = await world.start({ bot: unsureBot(lost) })
  await says(world, first, 'hi', 'pay', 'yes')
  assert.deepEqual([slow.made.length, lost.made.length], [1, 0])
  const keys = (): number =>
    new Set(services.flatMap(({ made }) => made.map(({ key }) => key))).size
  return { world, slow, lost, first, second, keys, answer: () => void answers.emit('answer') }
}

describe('a signed call that another process has taken over', () => {
  it('is paid once when the first process comes back with its answer', async () => {
    const { world, slow, lost, first, second, keys, answer } = await takenOver()
    const heal = first.cut()
    await world.pass(30_000)
    assert.deepEqual(await standing(second), ['open'])
    slow.losesAnswers = false
    lost.losesAnswers = false
    answer()
    await world.pass(100)
    heal()

    await world.pass(3_000)

    assert.deepEqual(await standing(second), [])
    assert.deepEqual(heard(first, 'a').slice(-2), ['paid', 'ask'])
    const before = lost.made.length
    await says(world, second, 'yes')
    assert.deepEqual([lost.made.length, keys()], [before, 1])
  })
  for (const word of ['no', 'nothing'])
    it(`is made no more by the first process, its member having said "${word}"`, async () => {
      const { world, slow, lost, first, second, keys, answer } = await takenOver()
      const heal = first.cut()
      await world.pass(30_000)
      lost.found = 'not done'
      if (word === 'no') await says(world, second, word)
      assert.deepEqual(await standing(second), word === 'no' ? [] : ['open'])
      heal()
      await world.pass(6_000)
      const before = lost.made.length

      answer()
      await world.pass(10_000)

      assert.deepEqual([slow.made.length, lost.made.length, keys()], [1, before, 1])
      assert.equal(first.runtime.activity().calls, 0)
    })
  it('is ended by who makes it now, not by what the first process knows', async () => {
    const { world, slow, lost, first, second, keys, answer } = await takenOver()
    const hangs = new EventEmitter()
    lost.slow = once(hangs, 'answer')
    const heal = first.cut()
    await world.pass(20_000)
    assert.equal(lost.made.length, 1)
    slow.refuses = true
    answer()
    await world.pass(3_000)
    heal()

    await world.pass(3_000)

    assert.deepEqual(await standing(second), ['driven'])
    lost.losesAnswers = false
    hangs.emit('answer')
    await world.pass(3_000)
    await says(world, second, 'yes')
    assert.deepEqual([await standing(second), keys()], [[], 1])
    assert.ok(!heard(first, 'a').includes('down'))
  })
})
