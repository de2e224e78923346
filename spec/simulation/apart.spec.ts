import assert from 'node:assert/strict'
import { simulate } from '../../lib/testing/sim/simulate.ts'
import { Apart, Endless, Refused } from './apart.ts'

const BOTS = 'spec/simulation/bots'

describe('a life in a thread of its own', function () {
  this.timeout(30_000)
  let apart: Apart
  afterEach(() => apart.close())

  it('is the same as any other, one after the other', async () => {
    apart = new Apart()

    const lives = [await apart.live(3), await apart.live(4, { without: ['crash'] })]

    assert.deepEqual(lives, [await simulate(3), await simulate(4, { without: ['crash'] })])
  })

  it('is ended when it does not end by itself', async () => {
    apart = new Apart({ bot: `${BOTS}/endless-bot.ts`, mostMs: 2_000 })

    await assert.rejects(apart.live(1), new Endless('it has not ended after 2 s'))
  })

  it('counts as none when its thread ends', async () => {
    apart = new Apart({ bot: `${BOTS}/leaving-bot.ts` })

    await assert.rejects(apart.live(1), new Endless('its thread ended with code 0'))
  })

  it('counts as none when what it throws ends its thread, and that is told', async () => {
    apart = new Apart({ bot: `${BOTS}/throwing-bot.ts` })

    const ended = await apart.live(1).catch((error: unknown) => error)

    assert.ok(ended instanceof Endless)
    assert.deepEqual([ended.message, ended.thrown?.message], ['it threw TypeError', 'planned'])
  })

  it('is refused to a bot that does not pass its checks', async () => {
    apart = new Apart({ bot: `${BOTS}/wordless-bot.ts` })

    await assert.rejects(apart.live(1), Refused)
  })
})
