import assert from 'node:assert/strict'
import { sweeperBench as bench } from '../support/sweeper-bench.ts'

const MANY = { page: 80, leastPerSecond: 20 }
/** Wakes that never end: from the fifth on only the least rate is left. */
const stuck =
  (woken: string[]) =>
  (id: string): Promise<never> => {
    woken.push(id)
    return new Promise(() => undefined)
  }
const crowd = (count: number): string[] => Array.from({ length: count }, (_, n) => `c${n}`)

describe('the sweeper, while others come first,', () => {
  it('claims an eighth of a page, and wakes one after the other, in order', async () => {
    const { sweeper, due, claims, woken, clock, pass } = bench({
      limits: MANY,
      isTalking: () => true
    })
    due.push(crowd(10), ['last'])
    const startMs = clock.nowMs()

    sweeper.start()
    await pass(70)
    const soFar = [...woken]
    await pass(20)

    assert.deepEqual(soFar, crowd(9))
    assert.deepEqual(woken, [...crowd(10), 'last'])
    assert.deepEqual(claims[0], { limit: 10, atMs: startMs })
    sweeper.stop()
  })

  it('wakes no more than four beside each other, except at the least rate', async () => {
    const ends: (() => void)[] = []
    const { sweeper, due, pass } = bench({
      limits: MANY,
      isTalking: () => true,
      wake: () => new Promise(resolve => ends.push(resolve))
    })
    due.push(crowd(10))

    sweeper.start()
    await pass(60)
    assert.equal(ends.length, 4)
    await pass(70)
    assert.equal(ends.length, 6)
    sweeper.stop()
    for (const end of ends) end()
  })

  it('wakes at the least rate although a flood of messages never ends', async () => {
    const woken: string[] = []
    const { sweeper, due, clock, pass } = bench({
      limits: MANY,
      isTalking: () => true,
      // As slow as a process is that has too much to do.
      wake: id => new Promise(resolve => clock.after(2_000, () => resolve(void woken.push(id))))
    })
    for (let n = 0; n < 100; n += 1) due.push(crowd(100).slice(n * 10, n * 10 + 10))

    sweeper.start()
    await pass(10_000)

    assert.deepEqual(woken, crowd(100))
    sweeper.stop()
  })

  it('holds the least rate although the store is slow to hand out a page', async () => {
    let handed = 0
    const woken: string[] = []
    const page = (): string[] => crowd(10).map(() => `c${handed++}`)
    const slow = bench({
      limits: MANY,
      isTalking: () => true,
      wake: id =>
        new Promise(resolve => slow.clock.after(1_000, () => resolve(void woken.push(id)))),
      store: {
        time: () => Promise.resolve(slow.clock.nowMs()),
        claimDue: () => new Promise(resolve => slow.clock.after(400, () => resolve(page()))),
        claimOwn: () => Promise.resolve([])
      }
    })

    slow.sweeper.start()
    await slow.pass(11_400)

    assert.ok(woken.length >= 200)
    assert.deepEqual(woken, crowd(woken.length))
    slow.sweeper.stop()
  })

  it('wakes the rest of a page at once when they have gone', async () => {
    let isTalking = true
    const { sweeper, due, woken, pass } = bench({ limits: MANY, isTalking: () => isTalking })
    due.push(crowd(10))

    sweeper.start()
    await pass(20)
    assert.equal(woken.length, 3)
    isTalking = false
    await pass(8)

    assert.deepEqual(woken, crowd(10))
    sweeper.stop()
  })

  it('wakes in its turn also what a lease was too short for', async () => {
    const woken: string[] = []
    const { sweeper, due, pass } = bench({
      limits: { page: 80, leastPerSecond: 1 },
      leaseMs: 2_500,
      isTalking: () => true,
      wake: stuck(woken)
    })
    // Claimed again it would stand behind all that fell due meanwhile.
    due.push(crowd(10), ['late'])

    sweeper.start()
    await pass(9_000)

    assert.deepEqual(woken, [...crowd(10), 'late'])
    sweeper.stop()
  })

  it('asks no store that is away for what it has claimed, and goes on with that', async () => {
    let isAway = false
    const { sweeper, due, woken, pass } = bench({
      limits: MANY,
      isTalking: () => true,
      isAway: () => isAway
    })
    due.push(crowd(10))

    sweeper.start()
    await pass(20)
    isAway = true
    await pass(1_000)
    assert.equal(woken.length, 3)
    due.push(['next'])
    isAway = false
    await pass(2_000)

    assert.deepEqual(woken, [...crowd(10), 'next'])
    sweeper.stop()
  })

  it('takes over one after the other, too', async () => {
    const { sweeper, own, woken, pass } = bench({ limits: MANY, isTalking: () => true })
    own.push(crowd(10), ['last'])

    sweeper.start()
    await pass(35)
    assert.equal(woken.length, 5)
    await pass(60)

    assert.deepEqual(woken, [...crowd(10), 'last'])
    sweeper.stop()
  })

  it('stops for good: no timer, and the rest is left to its lease', async () => {
    const { sweeper, due, own, woken, clock, pass } = bench({
      limits: MANY,
      isTalking: () => true
    })
    due.push(crowd(10))
    own.push(['own'])
    sweeper.start()
    await pass(20)
    const before = woken.length

    sweeper.stop()
    await pass(5_000)

    assert.equal(woken.length, before)
    assert.equal(clock.waiting, 0)
    assert.equal(sweeper.sweeping, false)
  })
})
