import assert from 'node:assert/strict'
import type { Relogin } from '../../lib/conversation/program.ts'
import { Secret } from '../../lib/kernel/secret.ts'
import { aCall, type ControlledCall } from '../support/a-call.ts'
import { turns } from '../support/a-world.ts'
import { callBench, OK, UNAUTHORISED, UNAVAILABLE, UNKNOWN } from '../support/call-bench.ts'

describe('a call whose token is refused', () => {
  const login = (change: Partial<Relogin> = {}): Relogin => ({
    call: 'login',
    input: core => ({ user: core.channel.user }),
    token: ({ outcome }) => (outcome === 'ok' ? Secret.of('fresh') : 'memberUnknown'),
    ...change
  })
  /** A payment and the login that renews its token, each tried so often and under control. */
  const paying = ({ pays = 3, logins = 3 } = {}, change: Partial<Relogin> = {}) => {
    const pay = aCall('pay', { attempts: pays })
    const again = aCall('login', { attempts: logins })
    const calls = { pay: pay.definition, login: again.definition }
    return { pay, again, ...callBench(calls, { relogin: login(change) }) }
  }
  const tokens = (call: ControlledCall): (string | null)[] =>
    call.made.map(({ token }) => token?.reveal() ?? null)

  it('logs in once under another key and repeats the same attempt with its own', async () => {
    const { pay, again, start, run, settled } = paying()
    again.answer(OK)
    start()
    await turns(1)
    pay.made[0]?.end({ _tag: 'Left', left: UNAUTHORISED })
    await turns(3)
    pay.answer(OK)
    await run()

    assert.deepEqual(tokens(pay), ['token-1', 'fresh'])
    assert.deepEqual(
      pay.made.map(({ key, attempt }) => [key, attempt]),
      [
        ['k', 1],
        ['k', 1]
      ]
    )
    assert.deepEqual(
      again.made.map(({ key, token }) => [key, token]),
      [['k.login', null]]
    )
    assert.equal(settled[0]?.renewed?.reveal(), 'fresh')
    assert.equal(settled[0]?.attempts, 1)
  })

  it('does not log in again when the new token is refused too', async () => {
    const { pay, again, start, run, settled } = paying()
    again.answer(OK)
    pay.fail(UNAUTHORISED)

    start()
    await run()

    assert.equal(again.made.length, 1)
    assert.equal(pay.made.length, 4)
    assert.deepEqual(settled[0]?.result, { tag: 'unreachable', known: 'not-done' })
    assert.equal(settled[0]?.renewed?.reveal(), 'fresh')
  })

  it('ends as member unknown when the login says so', async () => {
    const { pay, again, start, run, settled } = paying()
    again.answer({ outcome: 'no', output: null })
    pay.fail(UNAUTHORISED)

    start()
    await run()

    assert.deepEqual(settled[0]?.result, { tag: 'memberUnknown', known: 'not-done' })
    assert.equal(pay.made.length, 1)
  })

  it('ends as member unknown, and may have been done, when an attempt before may', async () => {
    const { pay, again, start, run, settled } = paying()
    again.answer({ outcome: 'no', output: null })
    start()
    await turns(1)
    pay.made[0]?.end({ _tag: 'Left', left: UNKNOWN })
    pay.fail(UNAUTHORISED)

    await run()

    assert.deepEqual(settled[0]?.result, { tag: 'memberUnknown', known: 'unknown' })
    assert.equal(pay.made.length, 2)
  })

  it('is not done when the login cannot be reached', async () => {
    const { pay, again, start, run, settled } = paying({ pays: 1, logins: 2 })
    again.fail(UNAVAILABLE)
    pay.fail(UNAUTHORISED)

    start()
    await run()

    assert.equal(again.made.length, 2)
    assert.deepEqual(settled[0]?.result, { tag: 'unreachable', known: 'not-done' })
  })

  it('tries one login a call, however many of its attempts are refused', async () => {
    const { pay, again, start, run, settled } = paying({ logins: 2 })
    again.fail(UNAVAILABLE)
    pay.fail(UNAUTHORISED)

    start()
    await run()

    assert.deepEqual([pay.made.length, again.made.length], [3, 2])
    assert.deepEqual(settled[0]?.result, { tag: 'unreachable', known: 'not-done' })
  })

  it('settles although the bot’s own code around the login throws', async () => {
    for (const change of [
      {
        input: (): never => {
          throw new Error('planned')
        }
      },
      {
        token: (): never => {
          throw new Error('planned')
        }
      }
    ]) {
      const { pay, again, start, run, settled, calls } = paying({}, change)
      again.answer(OK)
      pay.fail(UNAUTHORISED)

      start()
      await run()

      assert.deepEqual(settled[0]?.result, { tag: 'unreachable', known: 'unknown' })
      assert.equal(calls.open, 0)
    }
  })

  it('never logs in for the login itself, nor without one', async () => {
    const pay = aCall('pay')
    for (const relogin of [null, login({ call: 'pay' }), login({ call: 'missing' })]) {
      const { start, run, settled } = callBench({ pay: pay.definition }, { relogin })
      pay.fail(UNAUTHORISED)
      start()
      await run()
      assert.deepEqual(settled[0]?.result, { tag: 'unreachable', known: 'not-done' })
    }
  })
})
