import assert from 'node:assert/strict'
import { createRuntime } from '../../lib/app/create-runtime.ts'
import type { Program } from '../../lib/conversation/program.ts'
import { memoryStore } from '../../lib/testing/memory-store.ts'
import { simulatedClock } from '../../lib/testing/simulated-clock.ts'
import { smallBot } from '../flow/small-bot.ts'
import { chainProgram } from '../support/chain-program.ts'
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

  it('refuses what is no bot, and a bot that has something wrong with it', () => {
    const store = memoryStore({ clock: simulatedClock({ startMs: 1 }) })
    const right = { name: 'right', flows: [], start: 'none', texts: {} }
    const made = (bot: unknown) => () => createRuntime({ bot: bot as Program, store })

    assert.throws(made(right), /CHP_BOT_INVALID: It is no bot/)
    assert.throws(
      made({ ...smallBot, spec: right }),
      /CHP_BOT_INVALID: Bot "right": start names the flow "none", which is missing/
    )
    assert.equal(typeof made(smallBot)().start, 'function')
  })
})

describe('a program written by hand', () => {
  it('may have a property spec of its own', () => {
    const store = memoryStore({ clock: simulatedClock({ startMs: 1 }) })
    for (const spec of [{ of: 'mine' }, null]) {
      const bot = { ...chainProgram(), spec }
      assert.equal(typeof createRuntime({ bot, store }).start, 'function')
    }
  })
})

async function eventsSaid(logger: 'none' | 'undefined' | 'own'): Promise<readonly unknown[]> {
  const program = startProgram(sourceOf('spec/support/said-at-start.ts'), {}, [logger])
  assert.equal(await program.ended, 0, program.written())
  return program.log.map(({ event }) => event)
}
