import assert from 'node:assert/strict'
import { formBot, formReplies, formScript } from '../../bench/form-bot.ts'
import { Talk } from './talk.ts'

describe('the form of the benchmarks', () => {
  it('answers its script round after round and counts what was offered', () => {
    const talk = new Talk(formBot)
    let sum = 0
    for (const round of [1, 2, 3]) {
      const script = formScript(round)
      const replies = script.flatMap(said => talk.say(said))
      sum += Number(script[3])

      assert.deepEqual(replies, formReplies(round, round - 1))
    }
    assert.equal(talk.state.flow.data['offers'], 3)
    assert.equal(talk.state.flow.data['sum'], sum)
  })
})
