import assert from 'node:assert/strict'
import { Registry } from 'prom-client'
import { prometheusMetrics } from '../../lib/ops/prometheus-metrics.ts'
import { createRuntime } from '../../lib/runtime/runtime.ts'
import { memoryStore } from '../../lib/testing/memory-store.ts'
import { simulatedClock } from '../../lib/testing/simulated-clock.ts'
import { aWorld, until } from '../support/a-world.ts'
import { chainProgram } from '../support/chain-program.ts'
import { seriesOf } from '../support/series-of.ts'

const CANARY = 'canary-5f20'

describe('prometheusMetrics()', () => {
  it('gives text that names, explains and types each metric', async () => {
    const metrics = prometheusMetrics()
    const process = await aWorld().start({ metrics })
    await process.say('m0')

    const text = await metrics.text()

    assert.match(metrics.contentType, /^text\/plain; version=0\.0\.4/)
    for (const line of [
      '# HELP chaperone_turns_total Events taken, by what became of them.',
      '# TYPE chaperone_turns_total counter',
      'chaperone_turns_total{event="Inbound",flow="CHAIN",outcome="committed"} 1',
      '# TYPE chaperone_turn_seconds histogram',
      'chaperone_turn_seconds_bucket{le="0.0005",event="Inbound"} 1',
      '# TYPE chaperone_ready gauge',
      'chaperone_ready 1',
      'chaperone_live_conversations 1'
    ])
      assert.ok(text.split('\n').includes(line), `no line "${line}" in\n${text}`)
  })

  it('counts in the registry of the host, under a prefix, once for several runtimes', async () => {
    const registry = new Registry()
    const metrics = prometheusMetrics({ registry, prefix: 'ledger_' })
    const world = aWorld()
    const [one, two] = [await world.start({ metrics }), await world.start({ metrics })]
    await one.say('m0')
    await two.say('m1', 'hi', 'v')

    const text = await registry.metrics()

    assert.match(text, /^ledger_chaperone_turns_total\{.*\} 2$/m)
    assert.match(text, /^ledger_chaperone_live_conversations 2$/m)
    await until(world.clock, one.runtime.stop())
    assert.match(await registry.metrics(), /^ledger_chaperone_live_conversations 1$/m)
    await until(world.clock, two.runtime.stop())
    assert.doesNotMatch(await registry.metrics(), /^ledger_chaperone_live_conversations /m)
  })

  it('leaves a gauge out that cannot be read', async () => {
    const metrics = prometheusMetrics()
    const spec = { name: 'broken', help: 'It is.', labels: [] }
    metrics.gauge(spec, () => assert.fail('planned'))

    const text = await metrics.text()

    assert.match(text, /# TYPE broken gauge/)
    assert.doesNotMatch(text, /^broken /m)
  })

  it('shows as many series for 10,000 conversations as for one', async function () {
    this.timeout(60_000)
    const metrics = prometheusMetrics()
    const clock = simulatedClock({ startMs: 1_000_000 })
    const bot = chainProgram()
    const runtime = createRuntime({ bot, store: memoryStore({ clock }), clock, metrics })
    await runtime.start()
    const say = (user: number, id: string) =>
      runtime
        .conversation({ channel: 'host', account: 'a', user: `u${user}` })
        .receive({ id, content: { kind: 'text', text: 'hi' } })
    const linesNow = async (): Promise<number> => (await metrics.text()).split('\n').length
    for (const id of ['m0', 'm1']) await say(-1, id)
    const before = await linesNow()

    for (let user = 0; user < 10_000; user += 500) {
      await Promise.all(Array.from({ length: 500 }, (_, nth) => say(user + nth, 'm0')))
    }

    const turns = await seriesOf(metrics, 'turns_total')
    assert.deepEqual(turns, { 'Inbound CHAIN committed': 10_002 })
    assert.equal(await linesNow(), before)
  })

  it('shows nothing of what members say, are called or are told', async () => {
    const metrics = prometheusMetrics()
    const bot = chainProgram({
      hook: (_state, { id }) => (id.startsWith('bad') ? assert.fail(CANARY) : undefined)
    })
    const world = aWorld()
    const one = await world.start({
      bot,
      metrics,
      policy: { ladder: ['reset'] }
    })
    one.channel.answer = () => ({ tag: 'refused', why: CANARY })

    await one.say(CANARY, CANARY, CANARY)
    await until(world.clock, one.say(`bad ${CANARY}`, CANARY, CANARY))
    await one.chat(CANARY).tell({ id: `t ${CANARY}`, event: CANARY, data: { word: CANARY } })
    await world.settle()

    const text = await metrics.text()
    assert.match(text, /outcome="parked"/)
    assert.match(text, /outcome="refused"/)
    assert.ok(!text.includes(CANARY), text)
    assert.ok(!text.includes(one.chat(CANARY).id), text)
  })
})
