import assert from 'node:assert/strict'
import type { AlarmNotice, SendAlarm } from '../../lib/runtime/alarms.ts'
import { aCall } from '../support/a-call.ts'
import { aWorld, until, type World } from '../support/a-world.ts'
import { chainProgram } from '../support/chain-program.ts'

const URL = 'http://127.0.0.1/'
const POLICY = {
  rules: [{ do: 'escalate' as const }],
  alarm: { url: URL, gatherMs: 5_000, repeatMs: 3_600_000 }
}

/** A process that has met a bug of its bot a moment ago, which no person was told of yet. */
async function broken(answer: (tries: number) => Promise<void>) {
  const world = aWorld()
  const tries: { atMs: number; notice: AlarmNotice; signal: AbortSignal }[] = []
  const sendAlarm: SendAlarm = (_url, notice, signal) => {
    tries.push({ atMs: world.clock.nowMs(), notice, signal })
    return answer(tries.length)
  }
  const bot = chainProgram({
    hook: (_state, { id }) => (id.startsWith('bad') ? assert.fail('broken') : undefined)
  })
  const process = await world.start({ bot, policy: POLICY, sendAlarm })
  await until(world.clock, process.say('bad'))
  const later = (ms: number): Promise<void> =>
    new Promise(resolve => void world.clock.after(ms, resolve))
  /** How long a stop takes, in ms. */
  const stopped = async (graceMs = 10_000): Promise<number> => {
    const sinceMs = world.clock.nowMs()
    await until(world.clock, process.runtime.stop({ graceMs }))
    return world.clock.nowMs() - sinceMs
  }
  return { world, process, tries, later, stopped }
}

describe('an alarm that no person was told of when the runtime stops', () => {
  it('is told at once, and has arrived when the stop is done', async () => {
    let arrived = 0
    const { tries, later, stopped } = await broken(async () => {
      await later(2_000)
      arrived += 1
    })
    assert.equal(tries.length, 0)
    const tookMs = await stopped()
    assert.deepEqual([tries.length, arrived], [1, 1])
    assert.ok(tookMs >= 2_000 && tookMs < 3_000, `${tookMs} ms`)
    assert.deepEqual(tries[0]?.notice.count, 1)
  })

  it('is told again when it was not taken, while there is time', async () => {
    const { tries, stopped } = await broken(async count => {
      if (count === 1) throw new Error('planned')
    })
    const tookMs = await stopped()
    assert.equal(tries.length, 2)
    assert.ok(tookMs >= 1_000 && tookMs < 2_000, `${tookMs} ms`)
  })

  it('holds the stop no longer than its grace when the webhook hangs', async () => {
    const { tries, stopped } = await broken(() => new Promise(() => undefined))
    const tookMs = await stopped(3_000)
    assert.ok(tookMs >= 2_900 && tookMs < 3_200, `${tookMs} ms`)
    assert.deepEqual(
      tries.map(({ signal }) => signal.aborted),
      [true]
    )
  })

  it('holds the stop no longer than its tries when the webhook takes none', async () => {
    const { tries, stopped, process } = await broken(() => Promise.reject(new Error('planned')))
    const tookMs = await stopped()
    assert.equal(tries.length, 2)
    assert.ok(tookMs < 2_000, `${tookMs} ms`)
    assert.equal(process.log.filter(line => line.includes('alarm.unsent')).length, 2)
  })
})

describe('an alarm', () => {
  it('is told three times at most, and a client that never answers is given up', async () => {
    const { world, tries } = await broken(() => new Promise(() => undefined))
    await world.pass(60_000)
    const [first = assert.fail()] = tries
    const afterMs = tries.map(({ atMs }) => atMs - first.atMs)
    assert.deepEqual(afterMs, [0, 6_000, 21_000])
  })
})

/** A process whose policy has a webhook, and what that was sent. */
async function webhooked(options: Parameters<World['start']>[0] = {}) {
  const world = aWorld()
  const posts: AlarmNotice[] = []
  const sendAlarm: SendAlarm = async (_url, notice) => void posts.push(notice)
  const process = await world.start({ policy: { alarm: POLICY.alarm }, sendAlarm, ...options })
  await process.say('m0')
  await world.settle()
  const heard = (): number => process.heard.filter(({ name }) => name === 'alarm').length
  const posted = (): unknown[] => posts.map(({ code, where, count }) => [code, where, count])
  return { world, process, posts, heard, posted }
}

describe('what the runtime itself needs a person for reaches the webhook, once a cause', () => {
  it('a store that denies its service', async () => {
    const { world, process, heard, posted } = await webhooked()
    for (const call of ['load', 'commit', 'defer', 'time', 'claimDue'] as const) {
      const times = Number.POSITIVE_INFINITY
      world.store.plan(call, { fail: 'before', code: 'CHP_STORE_DENIED' }, { times })
    }
    void process.say('m1')
    await world.pass(1_500)
    assert.equal(heard(), 1)
    await world.pass(30_000)
    assert.deepEqual(posted(), [['CHP_STORE_DENIED', 'store', 1]])
  })

  it('each outage of a store, also within the hour, at most once in 5 minutes', async () => {
    const { world, heard, posted } = await webhooked()
    const outage = async (): Promise<void> => {
      for (const call of ['load', 'commit', 'defer', 'time', 'claimDue'] as const) {
        const times = Number.POSITIVE_INFINITY
        world.store.plan(call, { fail: 'before', code: 'CHP_STORE_DENIED' }, { times })
      }
      await world.pass(20_000)
      world.store.heal()
      await world.pass(20_000)
    }
    const one = ['CHP_STORE_DENIED', 'store', 1]
    await outage()
    assert.deepEqual([heard(), posted()], [1, [one]])
    await outage()
    await outage()
    assert.deepEqual([heard(), posted()], [3, [one]])
    await world.pass(300_000)
    const two = ['CHP_STORE_DENIED', 'store', 2]
    assert.deepEqual(posted(), [one, two])
    await world.pass(600_000)
    await outage()
    assert.deepEqual(posted(), [one, two, one])
  })

  it('a part that fails unforeseen', async () => {
    const { world, posted } = await webhooked()
    const times = Number.POSITIVE_INFINITY
    world.store.plan('claimDue', { fail: 'before', code: 'CHP_STORE_LAYOUT' }, { times })
    await world.pass(60_000)
    assert.deepEqual(posted(), [['CHP_PART_FAILING', 'timers', 1]])
  })

  it('a channel, whoever it hinders and however often it sends in between', async () => {
    const { world, process, heard, posts, posted } = await webhooked()
    for (const id of ['m1', 'm2', 'm3']) {
      process.channel.answer = () => ({ tag: 'later', afterMs: 0, why: 'code 190', alarm: true })
      await process.say(id)
      await world.pass(500)
      process.channel.answer = () => ({ tag: 'sent', providerId: null })
      await world.pass(500)
    }
    await world.pass(60_000)
    assert.equal(heard(), 3)
    assert.deepEqual(posted(), [['CHP_CHANNEL_UNAVAILABLE', 'channel chan', 3]])
    assert.deepEqual(posts[0]?.conversations, [process.chat().id])
  })

  it('calls of which nobody knows whether they were done', async () => {
    const unknown = { _tag: 'Left', left: { tag: 'unknown', detail: 'planned' } } as const
    const pay = aCall('pay', { attempts: 1, unknown: 'ask-operator' })
    const bot = chainProgram({ calls: { pay: pay.definition } })
    const { world, process, posts, heard, posted } = await webhooked({ bot })
    const users = ['a', 'b', 'c']
    for (const user of users) await process.say('m1', 'call pay', user)
    await world.pass(100)
    for (const made of pay.made) made.end(unknown)
    await world.pass(60_000)
    assert.equal(heard(), 3)
    assert.deepEqual(posted(), [['CHP_CALL_UNRESOLVED', 'call pay', 3]])
    assert.deepEqual(
      posts[0]?.conversations,
      users.map(user => process.chat(user).id)
    )
    assert.equal(process.log.filter(line => line.includes('"event":"alarm"')).length, 1)
  })

  it('stored data of conversations that cannot be served', async () => {
    const { world, process, posted } = await webhooked()
    const times = Number.POSITIVE_INFINITY
    world.store.plan('commit', { fail: 'before', code: 'CHP_STORE_WRONG_TYPE' }, { times })
    for (const user of ['a', 'b']) void process.say('m1', 'hi', user)
    await world.pass(30_000)
    assert.deepEqual(posted(), [['CHP_STORE_WRONG_TYPE', 'stored data', 2]])
  })
})
