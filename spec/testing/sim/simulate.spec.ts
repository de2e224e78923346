import assert from 'node:assert/strict'
import { simulate } from '../../../lib/testing/sim/simulate.ts'
import { net, type Trap, trapped } from './trapped.ts'

describe('a simulated life', function () {
  this.timeout(60_000)

  it('is the same for the same seed, byte for byte', async () => {
    for (const seed of [3, 4, 5]) {
      const one = await simulate(seed)
      const other = await simulate(seed)

      assert.ok(one.lines.length > 100)
      assert.equal(one.lines.join('\n'), other.lines.join('\n'))
    }
  })

  it('is another for another seed', async () => {
    const [one, other] = [await simulate(3), await simulate(4)]

    assert.notEqual(one.lines.join('\n'), other.lines.join('\n'))
  })

  it('touches no timer, clock, randomness or socket of the machine', async () => {
    const traps: readonly Trap[] = [
      [globalThis, 'setTimeout'],
      [globalThis, 'setInterval'],
      [Date, 'now'],
      [Math, 'random'],
      [crypto, 'getRandomValues'],
      [net.Socket.prototype, 'connect']
    ]

    const { reached } = await trapped(traps, async () => {
      for (const seed of [11, 12, 13]) await simulate(seed)
    })

    assert.deepEqual(reached, [])
  })

  it('leaves a kind of fault out when asked, and everything drawn else as it was', async () => {
    const { faults, messages } = await simulate(20)
    const kind = [...faults.keys()].find(name => name !== 'flood')
    assert.ok(kind)

    const without = await simulate(20, { without: [kind] })

    assert.ok(!without.faults.has(kind))
    assert.equal(without.messages, messages)
  })

  it('is lived by three conversations and more, in forty turns and more, with faults', async () => {
    const sum = { turns: 0, conversations: 0, strikes: 0 }
    for (let seed = 100; seed < 120; seed += 1) {
      const { turns, conversations, faults, violations } = await simulate(seed)
      assert.deepEqual(violations, [])
      sum.turns += turns
      sum.conversations += conversations
      for (const count of faults.values()) sum.strikes += count
    }

    assert.ok(sum.turns / 20 >= 40, `${sum.turns} turns`)
    assert.ok(sum.conversations / 20 >= 3, `${sum.conversations} conversations`)
    assert.ok(sum.strikes / 20 >= 5, `${sum.strikes} faults`)
  })
})
