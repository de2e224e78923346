import assert from 'node:assert/strict'
import { ADDRESS, aWorld, until } from '../support/a-world.ts'
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

describe('a reply that is taken so late that its lease ends soon', () => {
  for (const takenMs of [9_800, 9_950])
    it(`is not sent again by the process that waits for that (${takenMs} ms)`, async () => {
      const world = aWorld()
      const [one, two] = [await world.start(), await world.start()]
      one.channel.answer = () => ({ tag: 'later', afterMs: 60_000, why: 'nobody is connected' })
      await until(world.clock, one.say('m1'))
      two.host.present({ ...ADDRESS })
      await world.pass(takenMs)
      one.channel.answer = () => SENT
      one.host.present({ ...ADDRESS })
      await world.pass(30_000)

      const sent = world.offers.filter(({ ended }) => ended === 'sent')
      assert.deepEqual(
        sent.map(({ by, key }) => [by, key]),
        [['p0', world.offers[0]?.key]]
      )
    })
})
