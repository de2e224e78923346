import assert from 'node:assert/strict'
import { aWorld, until } from '../support/a-world.ts'
import { SENT } from '../support/recorded-channel.ts'

describe('a reply that another process is sending when it is seen', () => {
  for (const seen of ['m1', 'm2'])
    it(`is not sent again later, by whoever saw it then (${seen})`, async () => {
      const world = aWorld()
      const [one, two] = [await world.start(), await world.start()]
      let release: () => void = () => undefined
      one.channel.answer = () =>
        new Promise(resolve => {
          release = () => resolve(SENT)
        })
      await until(world.clock, one.say('m1'))
      await until(world.clock, two.say(seen))
      release()
      await world.pass(60_000)

      await until(world.clock, two.say('m3'))
      await world.pass(60_000)

      const texts = world.offers.map(({ text }) => text)
      assert.deepEqual(texts, [...new Set(texts)])
      assert.equal(texts.length, seen === 'm1' ? 2 : 3)
    })
})
