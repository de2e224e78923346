import assert from 'node:assert/strict'
import type { Clock } from '../../../lib/kernel/clock.ts'
import type { Metrics } from '../../../lib/kernel/metrics.ts'
import { prometheusMetrics } from '../../../lib/ops/prometheus-metrics.ts'
import { GAUGES } from '../../../lib/runtime/metrics/catalogue.ts'
import { aCall } from '../../support/a-call.ts'
import { aWorld, until } from '../../support/a-world.ts'
import { chainProgram } from '../../support/chain-program.ts'
import { seriesOf } from '../../support/series-of.ts'

/** A process that was said something, its call and its reply under way for ever. */
async function busy() {
  const world = aWorld()
  const metrics = prometheusMetrics()
  const pay = aCall('pay')
  const bot = chainProgram({ calls: { pay: pay.definition } })
  const process = await world.start({ bot, metrics, build: 'b7' })
  const now = async (name: string): Promise<number | undefined> => {
    return (await seriesOf(metrics, name))['']
  }
  return { world, metrics, process, now }
}

describe('the gauges of a runtime', () => {
  it('are all there once it has started', async () => {
    const { metrics } = await busy()
    const text = await metrics.text()

    const missing = Object.values(GAUGES).filter(
      ({ name }) => !new RegExp(`^${name}[{ ]`, 'm').test(text)
    )

    assert.deepEqual(missing, [])
    assert.deepEqual(await seriesOf(metrics, 'info'), { 'b7 memory memory': 1 })
  })

  it('show what is on its way', async () => {
    const { world, process, now } = await busy()
    process.channel.answer = () => new Promise(() => undefined)
    assert.deepEqual([await now('open_calls'), await now('sends')], [0, 0])

    await process.say('m0', 'call pay')
    await process.say('m1', 'hi', 'v')
    const held = world.store.hold('commit')
    void process.say('m2', 'hi', 'w')
    void process.say('m3', 'hi', 'w')
    await held.arrived

    const names = ['live_conversations', 'queued_events', 'open_calls', 'sends'] as const
    assert.deepEqual(await Promise.all(names.map(now)), [3, 2, 1, 2])
    assert.equal(await now('replying_conversations'), 2)
    held.release()
  })

  it('show a store that is away, and who waits for it', async () => {
    const { world, process, now } = await busy()
    const names = ['store_answers', 'ready', 'store_waiting_turns'] as const
    await process.say('m0')
    assert.deepEqual(await Promise.all(names.map(now)), [1, 1, 0])

    const heal = process.cut()
    const said = process.say('m1')
    await world.pass(3_600)
    assert.deepEqual(await Promise.all(names.map(now)), [0, 0, 1])
    heal()
    await until(world.clock, said)
    await world.pass(2_000)

    assert.deepEqual(await Promise.all(names.map(now)), [1, 1, 0])
  })

  it('show how late the event loop is', async () => {
    const world = aWorld()
    const metrics = prometheusMetrics()
    const late: Clock['after'] = (delayMs, run) => world.clock.after(delayMs + 250, run)
    await world.start({ metrics, clock: { ...world.clock, after: late } })
    assert.deepEqual(await seriesOf(metrics, 'loop_lag_seconds'), { '': 0 })

    await world.pass(2_000)

    assert.deepEqual(await seriesOf(metrics, 'loop_lag_seconds'), { '': 0.25 })
  })

  it('agree for all who look at the same time', async () => {
    const { metrics } = await busy()

    const [one, ...others] = await Promise.all([1, 2, 3].map(() => metrics.text()))

    assert.deepEqual(others, [one, one])
  })

  it('stop no runtime from starting, nor from stopping, where they cannot be kept', async () => {
    const world = aWorld()
    const tally = () => () => () => undefined
    const named: string[] = []
    const gauge: Metrics['gauge'] = ({ name }) => {
      named.push(name)
      if (named.length < 3) throw new Error('there is one of that name')
      return () => {
        throw new Error('it is gone')
      }
    }
    const process = await world.start({ metrics: { counter: tally, histogram: tally, gauge } })

    assert.equal((await process.say('m0')).tag, 'committed')
    await until(world.clock, process.runtime.stop())

    assert.equal(named.length, Object.keys(GAUGES).length)
    assert.equal(process.log.filter(line => line.includes('"metrics.failed"')).length, 1)
    assert.deepEqual((await world.model.keepProcess?.('other', null, []))?.rows, [])
  })
})
