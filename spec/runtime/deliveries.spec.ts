import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { HeardStatus, Sent } from '../../lib/channel/channel.ts'
import { ADDRESS, aWorld, type Process, until, type World } from '../support/a-world.ts'
import { askingBot } from '../support/asking-bot.ts'
import { SENT } from '../support/recorded-channel.ts'

/** A member who was asked; the provider names the message `out1`, or as it is told. */
async function asked(sent: 'out1' | 'refused' | 'held' | 'refused late' = 'out1') {
  const world = aWorld()
  const process = await world.start({ bot: askingBot })
  let release: () => void = () => undefined
  process.channel.answer = ({ key }) => {
    if (key.split('.')[2] !== '1') return { tag: 'sent', providerId: `of ${key}` }
    if (sent === 'refused') return { tag: 'refused', why: 'planned' }
    if (sent === 'out1') return { tag: 'sent', providerId: 'out1' }
    const late: Sent =
      sent === 'held' ? { tag: 'sent', providerId: 'out1' } : { tag: 'refused', why: 'planned' }
    return new Promise(resolve => {
      release = () => resolve(late)
    })
  }
  const waits = process.say('m1')
  if (sent.endsWith('late') || sent === 'held') await world.pass(100)
  else await world.settle()
  await waits
  const step = async () => (await process.chat().inspect())?.step
  return { world, process, step, release: () => release() }
}

async function hear(
  world: World,
  { host }: Process,
  status: HeardStatus['status'],
  providerId = 'out1'
): Promise<void> {
  void host.status({
    address: ADDRESS,
    providerId,
    status,
    code: status === 'failed' ? '131026' : null
  })
  await world.pass(100)
}

describe('a message that never arrived', () => {
  it('leads to the step that its flow names, once, when its status says so', async () => {
    const { world, process, step } = await asked()
    assert.equal(await step(), 'sure')
    await hear(world, process, 'failed')
    await hear(world, process, 'failed')

    assert.equal(await step(), 'other')
    assert.equal(world.offers.length, 2)
  })

  it('is shed while the store is away, and leads there when its status comes again', async () => {
    const { world, process, step } = await asked()
    const failed = { address: ADDRESS, providerId: 'out1', status: 'failed', code: null } as const
    world.store.plan('commit', { fail: 'before' }, { times: 100 })
    world.store.plan('load', { fail: 'before' }, { times: 100 })

    const { tag } = await until(world.clock, process.host.status(failed))
    world.store.heal()
    await world.pass(30_000)
    assert.deepEqual([tag, await step()], ['shed', 'sure'])

    await until(world.clock, process.host.status(failed))
    assert.equal(await step(), 'other')
  })

  it('leads there when the channel refuses it', async () => {
    const { world, step } = await asked('refused')
    await world.settle()
    assert.equal(await step(), 'other')
  })

  it('leads there when the channel refuses it while the store is away', async () => {
    const { world, step, release } = await asked('refused late')
    const forever = { times: Number.POSITIVE_INFINITY }
    for (const call of ['load', 'commit', 'acknowledged', 'claimDue', 'time', 'defer'] as const)
      world.store.plan(call, { fail: 'before' }, forever)
    release()
    await world.pass(20_000)
    world.store.heal()
    await world.pass(3_000)
    assert.equal(await step(), 'other')
  })

  it('leads there though its process was killed when it had heard that it is refused', async () => {
    const { world, process, release } = await asked('refused late')
    release()
    process.kill()
    const next = await world.start({ bot: askingBot })
    next.channel.answer = ({ key }) =>
      key.split('.')[2] === '1' ? { tag: 'refused', why: 'planned' } : SENT

    await world.pass(40_000)

    const first = world.offers.filter(({ sequence }) => sequence === 1)
    assert.deepEqual([first.length, new Set(first.map(({ key }) => key)).size], [2, 1])
    assert.equal((await next.chat().inspect())?.step, 'other')
  })

  it('leads there although its status comes before the word that it was taken', async () => {
    const { world, process, step, release } = await asked('held')
    await hear(world, process, 'failed')
    assert.equal(await step(), 'sure')
    release()
    await world.settle()
    assert.equal(await step(), 'other')
  })

  it('leads nowhere when it is another one, or when the member has answered', async () => {
    const { world, process, step } = await asked()
    await hear(world, process, 'failed', 'another')
    assert.equal(await step(), 'sure')
    await process.say('m2', 'yes')
    await hear(world, process, 'failed')
    assert.equal(await step(), 'done')
  })

  it('did arrive when a status says so first, whatever comes after it and how often', async () => {
    const statuses = fc.array(fc.constantFrom('sent', 'delivered', 'read', 'failed'), {
      maxLength: 8
    })
    await fc.assert(
      fc.asyncProperty(statuses, async heard => {
        const { world, process, step } = await asked()
        for (const status of heard) await hear(world, process, status)
        const first = heard.find(status => status !== 'sent')
        assert.equal(await step(), first === 'failed' ? 'other' : 'sure')
      }),
      { numRuns: 15 }
    )
  })
})
