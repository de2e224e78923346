import assert from 'node:assert/strict'
import { aWorld, type World } from '../support/a-world.ts'
import { chainProgram } from '../support/chain-program.ts'

const firings = (world: World): string[] =>
  world.landed.flatMap(({ causes }) => causes.filter(id => id.includes('@')))

describe('timers', () => {
  it('fire in due order although the store was away for longer than a turn', async () => {
    const world = aWorld()
    const process = await world.start({ limits: { sweepPage: 20 } })
    let mend = (): void => undefined
    for (let n = 0; n < 120; n += 1) await process.say(`m${n}`, `remind ${30_000 + n}`, `u${n}`)
    // In the middle of a page.
    let seen = 0
    process.runtime.on('turn', ({ event }) => {
      seen += event.kind === 'TimerDue' ? 1 : 0
      if (seen === 30) mend = process.cut()
    })
    await world.pass(31_000)
    await world.pass(9_000)
    mend()

    await world.pass(30_000)

    const order = firings(world).map(id => Number(/^m(\d+)@/.exec(id)![1]))
    assert.equal(order.length, 120)
    assert.ok(Math.max(...order.map((n, place) => place - n)) <= 40)
  })

  it('that come due while others are taken wait for the next sweep, not for a lease', async () => {
    const world = aWorld()
    // Who is reminded of the first is reminded again at once.
    const again = chainProgram({
      hook: (state, event, { nowMs }) => {
        if (event.kind !== 'TimerDue' || event.timer !== 'm0') return undefined
        const next = { ...state, timers: [{ id: 'again', dueMs: nowMs, what: 'remind' }] }
        return { tag: 'commit', next, replies: [], call: null, audit: [] }
      }
    })
    const process = await world.start({ bot: again })
    await process.say('m0', 'remind 30000')

    await world.pass(32_000)

    assert.deepEqual(
      firings(world).map(id => id.split('@')[0]),
      ['m0', 'again']
    )
  })
})
