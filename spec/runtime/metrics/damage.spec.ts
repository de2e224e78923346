import assert from 'node:assert/strict'
import { damaged } from '../../../examples/ledger/transcript/damage.ts'
import { prometheusMetrics } from '../../../lib/ops/prometheus-metrics.ts'
import { memoryStore } from '../../../lib/testing/memory-store.ts'
import { aWorld, until } from '../../support/a-world.ts'
import { chainProgram } from '../../support/chain-program.ts'
import { type Damageable, damageable, type Talker } from '../../support/damaged-conversation.ts'
import { ledTo, payingBot } from '../../support/paying-bot.ts'
import { cutBeforeCore } from '../../support/rewritten-record.ts'
import { countsOf } from '../../support/series-of.ts'

const LATEST = { event: 'corruptLatestSnapshot', how: 'truncatedJson' } as const
const ALL = { event: 'corruptAllSnapshots', how: 'truncatedJson' } as const

describe('the metrics of what is damaged', () => {
  let place: Damageable
  let talker: Talker | undefined

  beforeEach(async () => {
    place = await damageable('memory')
  })
  afterEach(async () => {
    await talker?.stop()
    talker = undefined
    await place.remove()
  })

  for (const [rung, change] of [
    [2, LATEST],
    [3, ALL],
    [4, cutBeforeCore]
  ] as const)
    it(`count a recovery by its rung: ${rung}`, async () => {
      const metrics = prometheusMetrics()
      const { bot, till } = payingBot()
      const first = await place.start(bot)
      await ledTo('handle', first, till)
      const { id } = first.chat()
      await first.stop()
      await place.rewrite(id, stored =>
        typeof change === 'function' ? change(stored) : damaged(id, stored, change)
      )
      talker = await place.start(bot, { metrics })

      await talker.say('m9', 'hi')

      assert.deepEqual(await countsOf(metrics, 'recoveries_total'), { [rung]: 1 })
      const lines = talker.log.filter(({ event }) => event === 'record.recovery').length
      const counted = await countsOf(metrics, 'log_lines_total')
      assert.equal(counted['warn record.recovery'], lines)
    })

  it('count rows that are set aside', async () => {
    const metrics = prometheusMetrics()
    const first = await place.start(chainProgram())
    await first.say('m0', 'hi')
    const { undelivered } = await first.store.load(first.chat().id)
    await first.stop()
    place.spoil(undelivered[0]?.row ?? '', 'spoilt')
    place.clock.advanceTo(place.clock.nowMs() + 15_000)
    talker = await place.start(chainProgram(), { metrics })

    await talker.say('m1', 'hi')

    assert.deepEqual(await countsOf(metrics, 'rows_set_aside_total'), { reply: 1 })
  })

  it('count conversations of which the store lost commits', async () => {
    const world = aWorld()
    const metrics = prometheusMetrics()
    const process = await world.start({ metrics })
    for (const id of ['m0', 'm1']) await process.say(id)
    await world.settle()
    const empty = memoryStore({ clock: world.clock })
    world.model.load = id => empty.load(id)
    world.model.commit = (id, commit) => empty.commit(id, commit)

    await until(world.clock, process.say('m2'))

    assert.deepEqual(await countsOf(metrics, 'rollbacks_total'), { '': 1 })
  })
})
