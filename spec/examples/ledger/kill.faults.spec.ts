import { seededRandom } from '../../../lib/kernel/random.ts'
import { type BotHouse, botHouse, HOUSES } from '../../support/bot-server.ts'
import { walkUnderKills } from '../../support/walk-under-kills.ts'

const KILLS = 20
const SEEDS = [2, 3]

for (const { name, ...options } of HOUSES)
  describe(`a server killed at random ${name}`, () => {
    let house: BotHouse
    beforeEach(async () => {
      house = await botHouse(options)
    })
    afterEach(() => house?.end())

    for (const seed of SEEDS)
      it(`${KILLS} times (seed ${seed}) loses no reply and makes each offer once`, () =>
        walkUnderKills(house, { random: seededRandom(seed), count: KILLS, withinMs: 600 }))

    it(`does so with five members at a time (seed 4)`, () => {
      const phones = [1, 2, 3, 4, 5].map(number => `1555000900${number}`)
      const kills = { random: seededRandom(4), count: KILLS, withinMs: 1_000 }
      return walkUnderKills(house, kills, phones)
    })

    it(`does so although the Graph API loses answers and fails now and then (seed 5)`, async () => {
      const random = seededRandom(5)
      for (let post = 0; post < 400; post += 1)
        if (random.fraction() < 0.8) house.graph.misbehave({ kind: 'none' })
        else if (random.fraction() < 0.5) house.graph.misbehave({ kind: 'lose' })
        else house.graph.misbehave({ kind: 'error', status: 500, code: 131_000 })

      await walkUnderKills(house, { random, count: KILLS, withinMs: 1_500 })
    })
  })
