import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { extname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isRight } from 'fp-ts/lib/Either.js'
import { createRuntime } from '../../lib/app/create-runtime.ts'
import type { Program } from '../../lib/conversation/program.ts'
import { defineBot } from '../../lib/flow/index.ts'
import { Secret, SecretText } from '../../lib/kernel/secret.ts'
import { memoryStore } from '../../lib/testing/memory-store.ts'
import { simulatedClock } from '../../lib/testing/simulated-clock.ts'
import { smallBot } from '../flow/small-bot.ts'
import { chainProgram } from '../support/chain-program.ts'
import { sourceOf, startProgram } from '../support/child-program.ts'
import { otherCopy } from '../support/other-copy.ts'

const SMALL = sourceOf('spec/flow/small-bot.ts')

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

  it('does not look again at the very bot that defineBot has looked at', () => {
    const store = memoryStore({ clock: simulatedClock({ startMs: 1 }) })
    let looks = 0
    const spec = { ...smallBot.spec }
    Object.defineProperty(spec, 'flows', {
      get: () => {
        looks += 1
        return smallBot.spec.flows
      }
    })
    const bot = defineBot(spec)
    looks = 0

    createRuntime({ bot, store })
    assert.equal(looks, 0)
    createRuntime({ bot: { ...bot }, store })
    assert.ok(looks > 0)
  })

  it('checks a bot that another copy of the package has made, and reads its secrets', async () => {
    const other = otherCopy(['spec/flow/small-bot.ts'])
    const from = <M>(path: string): Promise<M> =>
      import(pathToFileURL(join(other, path.replace(/\.ts$/, extname(SMALL)))).href)
    const made = await from<typeof import('../flow/small-bot.ts')>('spec/flow/small-bot.ts')
    const hidden = await from<typeof import('../../lib/kernel/secret.ts')>('lib/kernel/secret.ts')
    rmSync(other, { recursive: true, force: true })
    const store = memoryStore({ clock: simulatedClock({ startMs: 1 }) })
    const right = { name: 'right', flows: [], start: 'none', texts: {} }
    const bot = { ...made.smallBot, spec: right } as unknown as Program

    assert.throws(() => createRuntime({ bot, store }), /Bot "right": start names the flow "none"/)
    assert.notEqual(hidden.Secret, Secret)
    assert.ok(isRight(SecretText.decode(hidden.Secret.of('s'))))
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
