import assert from 'node:assert/strict'
import { Talk } from '../flow/talk.ts'
import { aWorld } from '../support/a-world.ts'
import { heard } from '../support/hanging-bot.ts'
import { says, standing, UnsureService, unsureBot } from '../support/unsure-bot.ts'

/** A payment that may have been made; before the confirm is open again another flow asks why. */
async function detoured() {
  const world = aWorld()
  const service = new UnsureService()
  const process = await world.start({ bot: unsureBot(service, { detour: true }) })
  await says(world, process, 'hi', 'pay', 'yes')
  assert.deepEqual([service.made.length, heard(process, 'a').at(-1)], [2, 'why'])
  return { world, service, process }
}

describe('an effect that may have been done, with a sub-flow before its confirm', () => {
  it('is made again by a yes there, with the key and the input signed first', async () => {
    const { world, service, process } = await detoured()
    assert.deepEqual([await standing(process), service.asked], [['open'], []])
    service.losesAnswers = false

    await says(world, process, 'so', 'yes')

    assert.equal(service.made.length, 3)
    assert.equal(new Set(service.made.map(each => JSON.stringify(each))).size, 1)
    assert.equal(heard(process, 'a').at(-2), 'paid')
    assert.deepEqual(await standing(process), [])
  })

  it('is left by who turns away in the sub-flow, and told', async () => {
    const { world, service, process } = await detoured()

    await says(world, process, 'menu')

    assert.ok(heard(process, 'a').includes('unresolved'))
    assert.deepEqual([service.made.length, service.asked.length], [2, 1])
    assert.deepEqual(await standing(process), [])
  })

  it('takes the flow on from there when it is answered after all', () => {
    const talk = new Talk(unsureBot(new UnsureService(), { detour: true }))
    for (const word of ['hi', 'pay', 'yes']) talk.say(word)
    const { key } = talk
    assert.deepEqual(talk.settle({ tag: 'unreachable', known: 'unknown' }), ['why'])
    assert.deepEqual([talk.key, talk.place], ['none', 'why.ask'])

    const done = { tag: 'answered', outcome: 'done', output: {} } as const
    assert.deepEqual(talk.settle(done, null, key), ['paid', 'ask'])

    assert.deepEqual([talk.place, talk.state.calls], ['home.idle', []])
    assert.equal(talk.state.flow.caller, null)
  })
})
