import assert from 'node:assert/strict'
import type { Sent } from '../../lib/channel/channel.ts'
import { ADDRESS, aWorld, type Process, type World } from '../support/a-world.ts'
import { SENT } from '../support/recorded-channel.ts'

const AWAY: Sent = { tag: 'later', afterMs: 600_000, why: 'nobody is connected' }
const HOUR_MS = 3_600_000

/** How often somebody looked at the one conversation of this world because it was due. */
const looks = ({ store }: World): number =>
  store.calls.filter(({ call }) => call === 'settleDue').length

const away = async (
  world: World,
  options: Parameters<World['start']>[0] = {}
): Promise<Process> => {
  const process = await world.start(options)
  process.channel.answer = () => AWAY
  return process
}

describe('replies that wait for their member', function () {
  // Hours pass here in sweeps of a second, on a busy machine too.
  this.timeout(60_000)

  it('are looked at less and less often, and at least once an hour', async () => {
    const world = aWorld()
    const process = await away(world)
    await process.say('m0')
    const dues: number[] = []
    for (const hours of [1, 2, 10]) {
      const before = looks(world)
      await world.pass(hours * HOUR_MS)
      dues.push(looks(world) - before)
    }

    const [first = 0, ...later] = dues
    assert.ok(first > 4 && first < 12, `${first}`)
    assert.deepEqual(later, [2, 10])
  })

  it('are looked at within a lease again when there is a new one among them', async () => {
    const world = aWorld()
    const one = await away(world, { instance: 'one' })
    await one.say('m0')
    await world.pass(2 * HOUR_MS)
    await one.say('m1')
    one.kill()

    await world.start({ instance: 'two' })
    await world.pass(12_000)

    const sent = world.offers.filter(({ ended }) => ended === 'sent')
    assert.deepEqual(
      sent.map(({ by, text }) => [by, text]),
      [
        ['two', '1 m0'],
        ['two', '2 m1']
      ]
    )
  })

  it('go out when the member comes back, however long that takes', async () => {
    const world = aWorld()
    const process = await away(world)
    await process.say('m0')
    await world.pass(5 * HOUR_MS)

    process.channel.answer = () => SENT
    process.host.present({ ...ADDRESS })
    await world.pass(100)

    assert.deepEqual(process.channel.texts(), ['1 m0'])
  })

  it('go out where the member is, once the lease of another process ends', async () => {
    const world = aWorld()
    const one = await away(world, { instance: 'one' })
    const two = await world.start({ instance: 'two' })
    await one.say('m0')
    await world.pass(2_000)

    two.host.present({ ...ADDRESS })
    await world.pass(10_600)

    assert.deepEqual(
      world.offers.filter(({ ended }) => ended === 'sent').map(({ by }) => by),
      ['two']
    )
  })
})
