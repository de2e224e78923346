import assert from 'node:assert/strict'
import { moveTo, type Scene, settle } from '../../../../examples/ledger/transcript/pump.ts'
import { Traffic } from '../../../../examples/ledger/transcript/traffic.ts'
import { simulatedClock } from '../../../../lib/testing/simulated-clock.ts'

type Made = Scene & { readonly beats: number[] }

/** A scene in which a timer beats every second, as the sweeper of a process does. */
function scene(more: Partial<Scene> = {}): Made {
  const clock = simulatedClock({ startMs: 0 })
  const beats: number[] = []
  const beat = (): void => {
    beats.push(clock.nowMs())
    clock.after(1_000, beat)
  }
  clock.after(1_000, beat)
  const still = { underWay: () => Promise.resolve([]), storeDueMs: () => Promise.resolve(null) }
  return { clock, traffic: new Traffic(), beats, ...still, ...more }
}

describe('settling', () => {
  it('does not move time when nothing is on its way', async () => {
    const made = scene()
    assert.deepEqual(await settle(made), [])
    assert.equal(made.clock.nowMs(), 0)
  })

  it('moves time to the next timer until nothing is on its way any more', async () => {
    let done = false
    const made = scene({ underWay: () => Promise.resolve(done ? [] : ['calls: 1']) })
    made.clock.after(2_500, () => {
      done = true
    })
    assert.deepEqual(await settle(made), [])
    assert.equal(made.clock.nowMs(), 2_500)
  })

  it('waits for real IO without moving time', async () => {
    const made = scene()
    let ended = false
    const io = new Promise<void>(resolve => {
      setImmediate(() => setImmediate(resolve))
    })
    void made.traffic.track(io.then(() => void (ended = true)))
    await settle(made)
    assert.deepEqual([ended, made.clock.nowMs()], [true, 0])
  })

  it('gives up after ten minutes or when nothing is due, saying why', async () => {
    const waiting = { underWay: () => Promise.resolve(['sends: 1']) }
    const made = scene(waiting)
    assert.deepEqual(await settle(made), ['sends: 1'])
    assert.equal(made.clock.nowMs(), 10 * 60_000)
    const still = { ...scene(waiting), clock: simulatedClock({ startMs: 0 }) }
    assert.deepEqual(await settle(still), ['sends: 1'])
  })
})

describe('moving time on', () => {
  it('makes what falls due on the way, at its time', async () => {
    const made = scene()
    await moveTo(made, 3_500)
    assert.deepEqual([made.clock.nowMs(), made.beats], [3_500, [1_000, 2_000, 3_000]])
  })

  it('leaps over a long silence, and stops before what is due in the store', async () => {
    const dueMs = 600_000
    const made = scene({
      storeDueMs: () => Promise.resolve(made.clock.nowMs() < dueMs ? dueMs : null)
    })
    await moveTo(made, 864_000_000)
    const around = made.beats.filter(at => at > dueMs - 5_000 && at < dueMs + 5_000)
    assert.equal(made.clock.nowMs(), 864_000_000)
    assert.ok(made.beats.length < 20)
    assert.ok(around.includes(dueMs), String(around))
  })

  it('never goes back', async () => {
    const made = scene()
    await moveTo(made, 5_000)
    await moveTo(made, 1_000)
    assert.equal(made.clock.nowMs(), 5_000)
  })
})
