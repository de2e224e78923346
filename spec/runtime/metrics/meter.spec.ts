import assert from 'node:assert/strict'
import type { Metrics } from '../../../lib/kernel/metrics.ts'
import { operatorOf } from '../../../lib/ops/operator.ts'
import { type PrometheusMetrics, prometheusMetrics } from '../../../lib/ops/prometheus-metrics.ts'
import { aCall } from '../../support/a-call.ts'
import { aWorld, type Process, until, type World } from '../../support/a-world.ts'
import { chainProgram } from '../../support/chain-program.ts'
import { countsOf, seriesOf } from '../../support/series-of.ts'

const FAST = { restarts: 2, backoff: { initialMs: 10, maxMs: 10, factor: 1 } } as const
const BY = { by: 'eve', reason: 'a look' } as const
const bad = chainProgram({
  hook: (_state, { id }) => (id.startsWith('bad') ? assert.fail('broken') : undefined)
})

const ALARM = { url: 'http://127.0.0.1/', gatherMs: 5_000, repeatMs: 3_600_000 } as const

type Options = NonNullable<Parameters<World['start']>[0]>

/** What is made to happen, and what the metrics say then: series by the values of their labels. */
interface Row {
  readonly what: string
  readonly options?: Options
  readonly happens: (world: World, process: Process) => Promise<unknown>
  readonly shown: Readonly<Record<string, Readonly<Record<string, number>>>>
}

const LETS_BE_SHED: Options = { limits: { mailboxEvents: 1 } }

const rows: readonly Row[] = [
  {
    what: 'messages, words of the host and what comes twice',
    happens: async (_world, one) => {
      for (const id of ['m0', 'm1', 'm0']) await one.say(id)
      await one.chat('v').tell({ id: 't', event: 'x' })
    },
    shown: {
      receipts_total: {
        'Inbound committed none': 2,
        'Inbound duplicate none': 1,
        'Told committed none': 1
      },
      receipt_seconds_count: { Inbound: 3, Told: 1 },
      turns_total: {
        'Inbound CHAIN committed': 2,
        'Inbound CHAIN duplicate': 1,
        'Told CHAIN committed': 1
      },
      turn_seconds_count: { Inbound: 3, Told: 1 }
    }
  },
  {
    what: 'what is shed, by its reason',
    options: LETS_BE_SHED,
    happens: (_world, one) => Promise.all([one.say('m0'), one.say('m1'), one.say('m2')]),
    shown: {
      receipts_total: { 'Inbound committed none': 1, 'Inbound shed mailbox full': 2 },
      turns_total: { 'Inbound CHAIN committed': 1 }
    }
  },
  {
    what: 'what comes after the stop',
    happens: async (world, one) => {
      await until(world.clock, one.runtime.stop())
      await one.say('m0')
    },
    shown: { receipts_total: { 'Inbound shed stopped': 1 }, live_conversations: {} }
  },
  {
    what: 'failures, restarts and the reset at their end',
    options: { bot: bad, policy: FAST },
    happens: async (world, one) => [await one.say('m0'), await until(world.clock, one.say('bad'))],
    shown: {
      failures_total: { 'Defect CHP_DECIDE_THREW': 3 },
      policy_decisions_total: { 'ladder restart restart': 2, 'ladder reset reset': 1 },
      restarts_total: { restart: 2 },
      parked_total: { reset: 1 },
      turns_total: {
        'Inbound CHAIN committed': 1,
        'Inbound CHAIN failed': 3,
        'Inbound CHAIN parked': 1
      },
      log_lines_total: { 'error actor.crashed': 3, 'error event.parked': 1 }
    }
  },
  {
    what: 'the rule that was obeyed',
    options: { bot: bad, policy: { ...FAST, rules: [{ when: { step: 'link' }, do: 'park' }] } },
    happens: async (_world, one) => [await one.say('m0'), await one.say('bad')],
    shown: { policy_decisions_total: { '1 park park': 1 }, parked_total: { park: 1 } }
  },
  {
    what: 'holds by the policy, with their alarm',
    options: { bot: bad, policy: { ladder: ['hold'] } },
    happens: async (world, one) => {
      await one.say('bad')
      await one.say('bad2')
      await world.pass(6_000)
    },
    shown: {
      held_total: { policy: 1 },
      parked_total: {},
      alarms_total: { CHP_DECIDE_THREW: 1 },
      receipts_total: { 'Inbound deferred none': 2 }
    }
  },
  {
    what: 'holds by an operator, as commands',
    happens: async (_world, one) => {
      await one.say('m0')
      await operatorOf(one.runtime).hold(one.chat().id, BY)
      await operatorOf(one.runtime).resume(one.chat().id, BY)
    },
    shown: {
      held_total: { operator: 1 },
      turns_total: { 'Inbound CHAIN committed': 1, 'OperatorCommand CHAIN committed': 2 }
    }
  },
  {
    what: 'offers of replies, by how they end',
    happens: async (world, one) => {
      const ends = ['later', 'later', 'refused'] as const
      let offer = 0
      one.channel.answer = () => {
        const tag = ends[offer++]
        if (tag === undefined) return { tag: 'sent', providerId: null }
        return { tag, why: 'planned', afterMs: 0 }
      }
      await one.say('m0')
      await world.settle()
      await one.say('m1')
      await world.settle()
    },
    shown: {
      replies_total: { 'chan later': 2, 'chan refused': 1, 'chan sent': 1 },
      send_seconds_count: { chan: 4 }
    }
  },
  {
    what: 'timers that fire',
    happens: async (world, one) => {
      await one.say('m0', 'remind 5000')
      await one.say('m1', 'remind 9000')
      await world.pass(20_000)
    },
    shown: {
      turns_total: { 'Inbound CHAIN committed': 2, 'TimerDue CHAIN committed': 2 },
      timer_lateness_seconds_count: { '': 2 }
    }
  },
  {
    what: 'a store that fails and is asked again',
    happens: async (world, one) => {
      world.store.plan('commit', { fail: 'after' })
      world.store.plan('load', { fail: 'before' })
      await until(world.clock, one.say('m0'))
      await until(world.clock, one.say('m1'))
    },
    shown: {
      store_calls_total: {
        'commit CHP_STORE_UNAVAILABLE': 1,
        'commit committed': 2,
        'load CHP_STORE_UNAVAILABLE': 1,
        'load done': 1
      },
      turns_total: { 'Inbound CHAIN committed': 2 }
    }
  },
  {
    what: 'conflicts of two processes',
    happens: async (world, one) => {
      const other = await world.start()
      await one.say('m0')
      await other.say('m1')
      await until(world.clock, one.say('m2'))
    },
    shown: { store_calls_total: { 'commit committed': 2, 'commit conflict': 1, 'load done': 2 } }
  }
]

/** Only what happened for the row's sake: what the runtime does on its beat is left out. */
const BEATS = /^(warn store|acknowledged|claim|keepProcess|settleDue|time|list|holdReplies)/

async function shown(metrics: PrometheusMetrics, names: readonly string[]) {
  const all = await Promise.all(
    names.map(async name => {
      const found = Object.entries(await countsOf(metrics, name))
      return [name, Object.fromEntries(found.filter(([labels]) => !BEATS.test(labels)))]
    })
  )
  return Object.fromEntries(all) as Row['shown']
}

describe('the metrics of a runtime', () => {
  for (const { what, options, happens, shown: expected } of rows)
    it(`count ${what}`, async () => {
      const world = aWorld()
      const metrics = prometheusMetrics()
      const process = await world.start({ ...options, metrics })

      await happens(world, process)

      assert.deepEqual(await shown(metrics, Object.keys(expected)), expected)
    })
})

describe('the metrics of outside calls', () => {
  it('count attempts by name and end, and tell an open breaker', async () => {
    const world = aWorld()
    const metrics = prometheusMetrics()
    const pay = aCall('pay', { attempts: 2, breaker: { failures: 3, openMs: 60_000 } })
    const ask = aCall('ask')
    pay.fail({ tag: 'unavailable', detail: 'planned' })
    ask.answer({ outcome: 'ok', output: { n: 1 } })
    const bot = chainProgram({ calls: { pay: pay.definition, ask: ask.definition } })
    const process = await world.start({ bot, metrics })
    assert.deepEqual(await seriesOf(metrics, 'call_breaker_open'), { pay: 0, ask: 0 })

    for (const [id, name] of ['ask', 'pay', 'pay', 'pay'].entries()) {
      await process.say(`m${id}`, `call ${name}`)
      await world.settle()
    }

    assert.deepEqual([pay.made.length, ask.made.length], [3, 1])
    assert.deepEqual(await seriesOf(metrics, 'call_attempts_total'), {
      'pay run unavailable': 3,
      'ask run answered': 1
    })
    assert.deepEqual(await seriesOf(metrics, 'call_attempt_seconds_count'), { pay: 3, ask: 1 })
    assert.deepEqual(await seriesOf(metrics, 'call_breaker_open'), { pay: 1, ask: 0 })
    const turns = await seriesOf(metrics, 'turns_total')
    assert.equal(turns['CallSettled CHAIN committed'], 4)
  })
})

describe('the alarms of a runtime, counted', () => {
  it('are told by code, and their posts by how they end', async () => {
    const world = aWorld()
    const metrics = prometheusMetrics()
    let posts = 0
    const process = await world.start({
      bot: bad,
      metrics,
      policy: { rules: [{ do: 'escalate' }], alarm: ALARM },
      sendAlarm: async () => {
        posts += 1
        if (posts === 1) throw new Error('planned')
        if (posts === 2) await new Promise(() => undefined)
      }
    })
    await until(world.clock, process.say('bad'))
    await world.pass(60_000)

    assert.equal(posts, 3)
    assert.deepEqual(await countsOf(metrics, 'alarm_posts_total'), { untaken: 2, taken: 1 })
    assert.deepEqual(await countsOf(metrics, 'alarms_total'), { CHP_DECIDE_THREW: 1 })
  })
})

describe('metrics that throw', () => {
  it('harm no turn, and that is said once', async () => {
    const world = aWorld()
    const throwing: Metrics = {
      counter: () => () => assert.fail('planned'),
      histogram: () => () => () => assert.fail('planned'),
      gauge: () => () => undefined
    }
    const process = await world.start({ metrics: throwing })

    const receipts = [await process.say('m0'), await process.say('m1')]
    await world.settle()

    assert.deepEqual(
      receipts.map(({ tag }) => tag),
      ['committed', 'committed']
    )
    assert.deepEqual(process.channel.texts(), ['1 m0', '2 m1'])
    assert.equal(process.log.filter(line => line.includes('"metrics.failed"')).length, 1)
  })
})
