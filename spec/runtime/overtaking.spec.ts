import assert from 'node:assert/strict'
import { Runtime } from '../../lib/runtime/runtime.ts'
import { aWorld, type Process, until } from '../support/a-world.ts'
import { chainProgram, foldOf } from '../support/chain-program.ts'

describe("an operator's command", () => {
  it('is taken behind what is under way, before what waits, in its own order', async () => {
    const { process, world } = await busy({})
    const said = ['m1', 'm2', 'm3'].map(async id => process.say(id))
    const commands = ['o1', 'o2'].map(async id => command(process, id))

    await until(world.clock, Promise.all([...said, ...commands]))

    const { data } = (await process.chat().inspect()) ?? {}
    assert.equal(data?.['chain'], foldOf(['m0', 'm1', 'o1', 'o2', 'm2', 'm3']))
  })

  it('is not shed for a full mailbox', async () => {
    const { process, world } = await busy({ mailboxEvents: 2 })
    const [, , shed] = [process.say('m1'), process.say('m2'), process.say('m3')]
    const done = command(process, 'o1')

    assert.deepEqual(await shed, { tag: 'shed', reason: 'mailbox full', retryAfterMs: 1_000 })
    assert.equal((await until(world.clock, done)).tag, 'committed')
  })

  it('is taken once for an id', async () => {
    const { process, world } = await busy({})

    const [one, two] = await until(
      world.clock,
      Promise.all([command(process, 'o1'), command(process, 'o1')])
    )

    assert.deepEqual([one.tag, two.tag], ['committed', 'duplicate'])
  })
})

async function busy(limits: { readonly mailboxEvents?: number }) {
  const world = aWorld()
  const process = await world.start({ bot: chainProgram(), limits })
  await process.say('m0')
  await world.settle()
  return { world, process }
}

function command(process: Process, id: string) {
  const event = { kind: 'OperatorCommand', id, command: 'reset', by: 'eve' } as const
  const { conversations } = Runtime.runningOf(process.runtime)!
  return conversations.command(process.chat().id, event)
}
