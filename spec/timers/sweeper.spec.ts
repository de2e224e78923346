import assert from 'node:assert/strict'
import { ChaperoneError, failure } from '../../lib/kernel/failure.ts'
import { turns } from '../support/a-world.ts'
import { sweeperBench as bench } from '../support/sweeper-bench.ts'

describe('the sweeper', () => {
  it('is healthy again with the first sweep that reaches the store', async () => {
    let isDown = false
    const { sweeper, pass } = bench({
      store: {
        time: () => (isDown ? Promise.reject(new Error('down')) : Promise.resolve(1)),
        claimDue: () => Promise.resolve([]),
        claimOwn: () => Promise.resolve([])
      }
    })
    sweeper.start()
    const seen = [sweeper.healthy]

    isDown = true
    await pass(1_000)
    seen.push(sweeper.healthy)
    isDown = false
    await pass(1_000)
    seen.push(sweeper.healthy)
    sweeper.stop()

    assert.deepEqual(seen, [true, false, true])
  })

  it('takes over all pages of its own beside its sweeps, at once and on the beat', async () => {
    const { sweeper, own, due, woken, claims, learned, pass } = bench()
    own.push(['a', 'b', 'c'], ['d'])
    due.push(['e'], [], ['f'])

    sweeper.start()
    await turns(2)
    assert.deepEqual(woken, ['a', 'b', 'c', 'e', 'd'])
    await pass(2_000)

    assert.deepEqual(woken, ['a', 'b', 'c', 'e', 'd', 'f'])
    assert.deepEqual(
      claims.map(({ atMs }) => atMs),
      [5_000, 6_000, 7_000]
    )
    assert.deepEqual(learned, [5_000, 6_000, 7_000])
    sweeper.stop()
  })

  it('sweeps again soon while pages are full, so that a crowd is woken in seconds', async () => {
    const { sweeper, due, woken, pass } = bench()
    for (let n = 0; n < 10; n += 1) due.push([`${n}a`, `${n}b`, `${n}c`])

    sweeper.start()
    await pass(900)

    assert.equal(woken.length, 30)
    sweeper.stop()
  })

  it('claims no more than it has room for while conversations are slow to wake', async () => {
    const ends: (() => void)[] = []
    const { sweeper, due, claims, pass } = bench({
      wake: () => new Promise(resolve => ends.push(resolve))
    })
    due.push(['a', 'b'], ['c'])

    sweeper.start()
    await pass(3_000)

    assert.deepEqual(
      claims.map(({ limit }) => limit),
      [3, 1]
    )
    for (const end of ends) end()
    await pass(1_000)
    assert.equal(claims.at(-1)?.limit, 3)
    sweeper.stop()
  })

  it('goes on although one conversation is woken for longer than many leases', async () => {
    const held: string[] = []
    const wake = (id: string): Promise<void> => {
      held.push(id)
      return new Promise(() => undefined)
    }
    const { sweeper, due, claims, pass } = bench({ wake })
    for (let n = 0; n < 60; n += 1) due.push(n % 10 === 0 ? ['slow'] : [])

    sweeper.start()
    await pass(300_000)

    assert.equal(held.length, 6)
    assert.deepEqual(claims.at(-1), { limit: 3, atMs: 305_000 })
    sweeper.stop()
  })

  it('takes over the next page although one conversation is slow to wake', async () => {
    const woken: string[] = []
    const wake = (id: string): Promise<void> => {
      woken.push(id)
      return id === 'slow' ? new Promise(() => undefined) : Promise.resolve()
    }
    const { sweeper, own, clock, pass } = bench({ wake })
    own.push(['a', 'slow'], ['b', 'slow'])

    sweeper.start()
    await pass(9_000)
    assert.deepEqual(woken, ['a', 'slow'])
    await pass(2_000)
    assert.deepEqual(woken, ['a', 'slow', 'b', 'slow'])
    sweeper.stop()

    assert.equal(clock.waiting, 0)
  })

  it('repeats a sweep that failed, and says why without what the store was given', async () => {
    let fails = 2
    const cause = Object.assign(new Error('EVALSHA'), { command: { args: ['words of a member'] } })
    const { sweeper, claims, logged, failures, pass } = bench({
      store: {
        time: () => {
          fails -= 1
          return fails >= 0
            ? Promise.reject(new ChaperoneError(failure('CHP_STORE_UNAVAILABLE', 'away', cause)))
            : Promise.resolve(1)
        },
        claimDue: limit => {
          claims.push({ limit, atMs: 0 })
          return Promise.resolve([])
        },
        claimOwn: () => Promise.reject(new TypeError('planned'))
      }
    })

    sweeper.start()
    await pass(3_000)

    assert.equal(logged.length, 3)
    assert.equal(failures.length, 3)
    assert.ok(claims.length > 0)
    assert.equal(JSON.stringify(logged).includes('words of a member'), false)
    sweeper.stop()
  })

  it('goes on although waking one conversation throws', async () => {
    const planned = new Error('planned')
    const { sweeper, due, claims, failures, pass } = bench({
      wake: () => {
        throw planned
      }
    })
    due.push(['a', 'b', 'c'])

    sweeper.start()
    await pass(2_000)

    assert.ok(claims.every(({ limit }) => limit === 3))
    assert.ok(claims.length >= 3)
    assert.deepEqual(failures, [planned, planned, planned])
    sweeper.stop()
  })

  it('wakes those first for which the store could not be used, in due order', async () => {
    const woken: string[] = []
    let isDown = true
    const { sweeper, due, failures, logged, pass } = bench({
      wake: id => {
        if (!isDown || id === 'b') return Promise.resolve(void woken.push(id))
        return Promise.reject(new ChaperoneError(failure('CHP_STORE_UNAVAILABLE', 'down')))
      }
    })
    due.push(['a', 'b', 'c'], ['d'])

    sweeper.start()
    await pass(60)
    due.push(['e', 'f'])
    isDown = false
    await pass(2_000)

    assert.deepEqual(woken, ['b', 'a', 'c', 'd', 'e', 'f'])
    // It was told where it was met.
    assert.deepEqual([failures, logged], [[], []])
    sweeper.stop()
  })

  it('goes on with others while the part of the store for those it keeps is away', async () => {
    const woken: string[] = []
    let isDown = true
    const { sweeper, due, pass } = bench({
      isAway: id => isDown && id?.startsWith('down') === true,
      wake: id => {
        if (!isDown || !id.startsWith('down')) return Promise.resolve(void woken.push(id))
        return Promise.reject(new ChaperoneError(failure('CHP_STORE_UNAVAILABLE', 'down')))
      }
    })
    due.push(['down1', 'down2', 'down3'], ['a', 'b', 'c'], ['d', 'e', 'f'])

    sweeper.start()
    await pass(2_000)
    assert.deepEqual(woken, ['a', 'b', 'c', 'd', 'e', 'f'])
    isDown = false
    await pass(1_000)

    assert.deepEqual(woken.slice(6), ['down1', 'down2', 'down3'])
    sweeper.stop()
  })

  it('stops for good: no timer, and what it claims on the way is left to its lease', async () => {
    let answer: (ids: readonly string[]) => void = () => undefined
    const { sweeper, woken, clock, pass } = bench({
      store: {
        time: () => Promise.resolve(1),
        claimDue: () =>
          new Promise(resolve => {
            answer = resolve
          }),
        claimOwn: () => Promise.resolve([])
      }
    })
    sweeper.start()
    await turns(2)
    assert.equal(sweeper.sweeping, true)

    sweeper.stop()
    answer(['a'])
    await pass(5_000)

    assert.deepEqual(woken, [])
    assert.equal(clock.waiting, 0)
    assert.equal(sweeper.sweeping, false)
  })

  it('claims on as soon as there is room, not a beat later', async () => {
    const waits: (() => void)[] = []
    const { sweeper, due, claims, clock, pass } = bench({
      wake: () => new Promise(resolve => waits.push(resolve))
    })
    due.push(['a', 'b', 'c'], ['d', 'e', 'f'], [])
    sweeper.start()
    await pass(200)
    assert.equal(claims.length, 1)
    for (const ended of waits.splice(0)) ended()
    const freeMs = clock.nowMs()

    await pass(100)

    assert.deepEqual(
      claims.map(({ limit }) => limit),
      [3, 3]
    )
    assert.ok((claims[1]?.atMs ?? 0) - freeMs <= 50)
    sweeper.stop()
  })
})
