import assert from 'node:assert/strict'
import type { CallDefinition } from '../../lib/conversation/program.ts'
import { aCall, type ControlledCall } from '../support/a-call.ts'
import { turns } from '../support/a-world.ts'
import { callBench, OK, UNAVAILABLE, UNKNOWN } from '../support/call-bench.ts'

describe('a call', () => {
  it('is made with its key and input, and settles once with what was answered', async () => {
    const pay = aCall('pay')
    const { start, run, settled, clock } = callBench({ pay: pay.definition })
    pay.answer(OK)

    start('key-1')
    await run()

    assert.deepEqual(
      pay.made.map(({ key, input, attempt }) => ({ key, input, attempt })),
      [{ key: 'key-1', input: { sum: '1' }, attempt: 1 }]
    )
    assert.deepEqual(settled, [
      {
        kind: 'CallSettled',
        id: 'key-1.settled',
        key: 'key-1',
        result: { tag: 'answered', ...OK },
        renewed: null,
        attempts: 1
      }
    ])
    assert.equal(clock.waiting, 0)
  })

  it('that is under way is not made a second time', async () => {
    const pay = aCall('pay')
    const { start, run, settled } = callBench({ pay: pay.definition })

    start()
    start()
    await turns(3)
    pay.answer(OK)
    await run()

    assert.equal(pay.made.length, 1)
    assert.equal(settled.length, 1)
  })

  it('that was answered is not made again before its result is taken', async () => {
    let taken: () => void = () => undefined
    const onSettle = (): Promise<void> =>
      new Promise(resolve => {
        taken = resolve
      })
    const pay = aCall('pay')
    const { start, run, settled } = callBench({ pay: pay.definition }, { onSettle })
    pay.answer(OK)
    start()
    await run()

    start()
    await run()
    const made = pay.made.length
    taken()
    await turns(3)
    start()
    await run()

    assert.equal(made, 1)
    assert.equal(pay.made.length, 2)
    assert.equal(settled.length, 2)
  })

  it('is tried as often as declared with the same key, with growing pauses', async () => {
    const pay = aCall('pay', { attempts: 5 })
    const { start, run, settled, clock } = callBench({ pay: pay.definition })
    pay.fail(UNAVAILABLE)

    start()
    await run()

    assert.deepEqual(
      pay.made.map(({ attempt, key }) => [attempt, key]),
      [1, 2, 3, 4, 5].map(attempt => [attempt, 'k'])
    )
    assert.deepEqual(settled[0]?.result, { tag: 'unreachable', known: 'not-done' })
    assert.equal(settled[0]?.attempts, 5)
    assert.ok(clock.nowMs() > 0 && clock.nowMs() < 250 + 500 + 1_000 + 2_000)
  })

  const unclear: readonly (readonly [string, (call: ControlledCall) => void])[] = [
    ['fails with an unknown outcome', call => call.fail(UNKNOWN)],
    ['answers an outcome nobody declared', call => call.answer({ outcome: 'odd', output: {} })],
    [
      'answers an outcome named like a part of every object',
      call => call.answer({ outcome: 'constructor', output: {} })
    ],
    [
      'answers outside the codec of the outcome',
      call => call.answer({ outcome: 'ok', output: { n: 'one' } })
    ]
  ]
  for (const [what, answer] of unclear)
    it(`that ${what} may have been made`, async () => {
      const pay = aCall('pay')
      const { start, run, settled } = callBench({ pay: pay.definition })
      answer(pay)

      start()
      await run()

      assert.equal(pay.made.length, 3)
      assert.deepEqual(settled[0]?.result, { tag: 'unreachable', known: 'unknown' })
    })

  const throwing: readonly (readonly [string, CallDefinition['run']])[] = [
    [
      'throws at once',
      () => {
        throw new Error('planned')
      }
    ],
    [
      'throws when it is run',
      () => () => {
        throw new Error('planned')
      }
    ],
    ['rejects', () => () => Promise.reject(new Error('planned'))],
    ['rejects with a text', () => () => Promise.reject('planned')],
    ['gives no Either', () => () => Promise.resolve(undefined as never)],
    [
      'gives a Left of nothing',
      () => () => Promise.resolve({ _tag: 'Left', left: undefined } as never)
    ]
  ]
  for (const [what, run] of throwing)
    it(`that ${what} is a failed attempt, never a crash`, async () => {
      const pay = aCall('pay', { run })
      const world = callBench({ pay: pay.definition })

      world.start()
      await world.run()

      assert.deepEqual(world.settled[0]?.result, { tag: 'unreachable', known: 'unknown' })
      assert.equal(world.calls.open, 0)
    })

  it('is given up at its time limit, its signal aborted; a late answer is none', async () => {
    const pay = aCall('pay', { attempts: 2, timeoutMs: 1_000 })
    const { start, run, settled } = callBench({ pay: pay.definition })

    start()
    await run()

    assert.equal(pay.made.length, 2)
    assert.ok(pay.made.every(({ signal }) => signal.aborted))
    assert.deepEqual(settled[0]?.result, { tag: 'unreachable', known: 'unknown' })
    pay.answer(OK)
    pay.made[0]?.reject(new Error('late'))
    await run()
    assert.equal(settled.length, 1)
  })

  it('that a former life may have made is unknown until it is answered', async () => {
    const pay = aCall('pay')
    const { start, run, settled } = callBench({ pay: pay.definition })
    pay.fail(UNAVAILABLE)

    start('k', { resumed: true })
    await run()

    assert.deepEqual(settled[0]?.result, { tag: 'unreachable', known: 'unknown' })
  })

  it('that this build does not know, or whose input it does not take, is not made', async () => {
    const pay = aCall('pay')
    const { start, run, settled } = callBench({
      pay: { ...pay.definition, input: { is: () => false } as never }
    })

    start('k1', { name: 'gone' })
    start('k2', { name: 'toString' })
    start('k3')
    await run()

    assert.equal(pay.made.length, 0)
    for (const { result } of settled) {
      assert.deepEqual(result, { tag: 'unreachable', known: 'unknown' })
    }
    assert.equal(settled.length, 3)
  })

  it('waits its turn when many are under way, in order, and loses none', async () => {
    const pay = aCall('pay')
    const { start, run, settled, calls } = callBench({ pay: pay.definition }, { callsAtOnce: 2 })

    for (const key of ['a', 'b', 'c', 'd', 'c']) start(key)
    await turns(3)
    assert.equal(pay.made.length, 2)
    assert.equal(calls.open, 4)
    pay.made[0]?.end({ _tag: 'Right', right: OK })
    await turns(3)
    assert.equal(pay.made[2]?.key, 'c')
    for (const { end } of pay.made) end({ _tag: 'Right', right: OK })
    await turns(3)
    pay.answer(OK)
    await run()

    assert.deepEqual(settled.map(({ key }) => key).toSorted(), ['a', 'b', 'c', 'd'])
  })

  it('is left to the sweep when too many wait, and is made when it is started again', async () => {
    const pay = aCall('pay')
    const limits = { callsAtOnce: 1, callsWaiting: 1 }
    const { start, run, settled, calls } = callBench({ pay: pay.definition }, limits)
    for (const key of ['a', 'b', 'c']) start(key)
    await turns(3)
    assert.equal(calls.open, 2)
    pay.answer(OK)
    pay.made[0]?.end({ _tag: 'Right', right: OK })
    await run()

    start('c')
    await run()

    assert.deepEqual(
      settled.map(({ key }) => key),
      ['a', 'b', 'c']
    )
  })

  it('gives its place to the next although its end could not be handed on', async () => {
    const pay = aCall('pay')
    pay.answer(OK)
    let failing = true
    const onSettle = (): void => {
      if (!failing) return
      failing = false
      throw new Error('planned')
    }
    const { start, run, settled, calls, failures } = callBench(
      { pay: pay.definition },
      { callsAtOnce: 1, onSettle }
    )

    for (const key of ['a', 'b']) start(key)
    await run()

    assert.deepEqual(
      settled.map(({ key }) => key),
      ['b']
    )
    assert.equal(calls.open, 0)
    assert.match(failures.join(), /^Error: planned$/)
  })

  it('whose input codec throws may have been made', async () => {
    const pay = aCall('pay')
    const is = (): never => {
      throw new Error('planned')
    }
    const input: CallDefinition['input'] = Object.assign(
      Object.create(pay.definition.input) as CallDefinition['input'],
      { is }
    )
    const { start, run, settled } = callBench({ pay: { ...pay.definition, input } })

    start()
    await run()

    assert.equal(pay.made.length, 0)
    assert.deepEqual(settled[0]?.result, { tag: 'unreachable', known: 'unknown' })
  })

  it('is abandoned by a stop: no result, no later attempt, no timer', async () => {
    const pay = aCall('pay')
    const slow = aCall('slow')
    const { start, run, settled, calls, clock } = callBench(
      { pay: pay.definition, slow: slow.definition },
      { callsAtOnce: 2 }
    )
    pay.fail(UNAVAILABLE)
    start('a')
    start('b', { name: 'slow' })
    start('c')
    await turns(3)

    calls.stop()
    await run()

    assert.equal(settled.length, 0)
    assert.equal(pay.made.length, 1)
    assert.equal(slow.made[0]?.signal.aborted, true)
    assert.equal(clock.waiting, 0)
    assert.equal(calls.open, 0)
  })
})
