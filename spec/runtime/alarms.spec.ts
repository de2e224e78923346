import assert from 'node:assert/strict'
import type { AlarmNotice, SendAlarm } from '../../lib/runtime/alarms.ts'
import { aWorld, until } from '../support/a-world.ts'
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
