import assert from 'node:assert/strict'
import { Life } from '../../../../examples/ledger/transcript/life.ts'
import { simulatedClock } from '../../../../lib/testing/simulated-clock.ts'

describe('a process that was killed', () => {
  it('leaves no timer and sets none', () => {
    const world = simulatedClock({ startMs: 0 })
    const life = new Life()
    const clock = life.clock(world)
    clock.after(5, () => assert.fail('a dead process ran'))
    life.end()
    clock.after(5, () => assert.fail('a dead process ran'))
    assert.equal(world.waiting, 0)
    world.advanceTo(10)
  })

  it('neither reaches the world nor hears of it', async () => {
    const life = new Life()
    let answer: (text: string) => void = () => undefined
    const heard: string[] = []
    const asked = new Promise<string>(resolve => {
      answer = resolve
    })
    void life.outside(() => asked).then(text => heard.push(text))
    void life.outside(() => Promise.reject(new Error('late'))).catch(() => heard.push('error'))
    life.end()
    answer('late')
    void life.outside(() => Promise.resolve(heard.push('reached the world')))
    await new Promise(resolve => {
      setImmediate(resolve)
    })
    assert.deepEqual(heard, [])
  })
})

describe('a process that lives', () => {
  it('hears answers and errors, and its timers can be cancelled', async () => {
    const world = simulatedClock({ startMs: 0 })
    const life = new Life()
    const clock = life.clock(world)
    const cancel = clock.after(1, () => assert.fail('was cancelled'))
    let ran = false
    clock.after(2, () => {
      ran = true
    })
    cancel()
    world.advanceTo(2)
    assert.ok(ran)
    assert.equal(await life.outside(() => Promise.resolve(7)), 7)
    await assert.rejects(
      life.outside(() => Promise.reject(new Error('no'))),
      /no/
    )
  })
})
