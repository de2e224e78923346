import assert from 'node:assert/strict'
import { aWorld } from '../support/a-world.ts'
import { chainProgram } from '../support/chain-program.ts'

describe('an outside event that means nothing to the bot', () => {
  it('is answered as ignored, with why, a warning, and nothing stored', async () => {
    const world = aWorld()
    const bot = chainProgram({
      hook: (_state, event) =>
        event.kind === 'Told' ? { tag: 'ignore', why: 'the bot knows no such event' } : undefined
    })
    const process = await world.start({ bot })

    const receipt = await process.chat().tell({ id: 't1', event: 'typo', data: {} })

    assert.deepEqual(receipt, { tag: 'ignored', why: 'the bot knows no such event' })
    assert.equal(await process.chat().inspect(), null)
    assert.ok(process.log.some(line => line.includes('event.ignored')))
  })
})
