import assert from 'node:assert/strict'
import { sourceOf, startProgram } from '../support/child-program.ts'

describe('createRuntime of the main door', () => {
  it('says warnings on standard output where no logger is given', async () => {
    assert.deepEqual(await eventsSaid('none'), ['store.warning'])
  })

  it('takes a logger that is undefined for none', async () => {
    assert.deepEqual(await eventsSaid('undefined'), ['store.warning'])
  })

  it('leaves standard output to the logger that is given', async () => {
    assert.deepEqual(await eventsSaid('own'), ['own.warn'])
  })
})

async function eventsSaid(logger: 'none' | 'undefined' | 'own'): Promise<readonly unknown[]> {
  const program = startProgram(sourceOf('spec/support/said-at-start.ts'), {}, [logger])
  assert.equal(await program.ended, 0, program.written())
  return program.log.map(({ event }) => event)
}
