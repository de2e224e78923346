import assert from 'node:assert/strict'
import { CallBreaker } from '../../lib/calls/call-breaker.ts'
import { aCall } from '../support/a-call.ts'
import { callBench, OK, UNAUTHORISED, UNAVAILABLE, UNKNOWN } from '../support/call-bench.ts'

const limits = { failures: 3, openMs: 10_000 }

describe('the breaker of a call name', () => {
  it('opens after as many failures in a row as it may have, not one earlier', () => {
    const breaker = new CallBreaker(limits)
    for (const answered of [false, false, true, false, false]) {
      const pass = breaker.begin(0)
      assert.ok(pass)
      if (answered) breaker.answered(pass)
      else assert.equal(breaker.failed(pass, 0), false)
    }
    assert.equal(breaker.isOpen, false)
    const last = breaker.begin(0)
    assert.ok(last)
    assert.equal(breaker.failed(last, 0), true)
    assert.equal(breaker.begin(9_999), null)
  })

  it('lets one attempt through when its time is over, and only that one decides', () => {
    const breaker = new CallBreaker({ failures: 1, openMs: 10_000 })
    const [before, late] = [breaker.begin(0), breaker.begin(0)]
    assert.ok(before && late)
    breaker.failed(before, 0)

    const trial = breaker.begin(10_000)
    assert.ok(trial)
    assert.equal(breaker.begin(10_000), null)
    assert.equal(breaker.answered(late), false)
    assert.equal(breaker.failed(trial, 10_000), false)
    assert.equal(breaker.begin(19_999), null)
    const second = breaker.begin(20_000)
    assert.ok(second)
    assert.equal(breaker.answered(second), true)
    assert.ok(breaker.begin(20_000))
  })

  it('spares a service that fails, and each call ends within its pauses, as not done', async () => {
    const pay = aCall('pay', { breaker: limits, attempts: 3 })
    const { start, run, settled } = callBench({ pay: pay.definition })
    pay.fail(UNAVAILABLE)
    start('a')
    await run()
    assert.equal(pay.made.length, 3)

    for (const key of ['b', 'c', 'd']) start(key)
    await run(4_000)

    assert.equal(pay.made.length, 3)
    assert.equal(settled.length, 4)
    for (const { result } of settled) {
      assert.deepEqual(result, { tag: 'unreachable', known: 'not-done' })
    }
  })

  it('closes when the service answers again', async () => {
    const pay = aCall('pay', { breaker: limits })
    const { start, run, settled, clock } = callBench({ pay: pay.definition })
    pay.fail(UNKNOWN)
    start('a')
    await run()
    pay.answer(OK)
    clock.advanceTo(clock.nowMs() + 10_000)

    for (const key of ['b', 'c']) start(key)
    await run()

    const ended = settled.slice(1).map(({ result }) => result.tag)
    assert.deepEqual(ended, ['answered', 'answered'])
  })

  it('is one a call name, and a refused token is an answer to it', async () => {
    const pay = aCall('pay', { breaker: limits })
    const look = aCall('look', { breaker: limits })
    const { start, run } = callBench({ pay: pay.definition, look: look.definition })
    pay.fail(UNAVAILABLE)
    look.fail(UNAUTHORISED)
    for (const key of ['a', 'b']) start(key)
    for (const key of ['c', 'd']) start(key, { name: 'look' })
    await run()

    assert.equal(pay.made.length, 3)
    assert.equal(look.made.length, 6)
  })

  it('is not stuck by a trial that threw', async () => {
    const pay = aCall('pay', { breaker: { failures: 1, openMs: 10_000 } })
    const odd = { ...pay.definition, run: () => async () => ({ _tag: 'Left' }) as never }
    const bench = callBench({ pay: odd })
    bench.start('a')
    await bench.run()
    bench.clock.advanceTo(bench.clock.nowMs() + 10_000)
    bench.start('b')
    await bench.run()
    bench.clock.advanceTo(bench.clock.nowMs() + 10_000)
    const { definition } = pay
    Object.assign(odd, {
      run: (...given: Parameters<typeof definition.run>) => definition.run(...given)
    })
    pay.answer(OK)

    bench.start('c')
    await bench.run()

    assert.equal(bench.settled.at(-1)?.result.tag, 'answered')
  })
})
