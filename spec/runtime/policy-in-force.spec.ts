import assert from 'node:assert/strict'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as rest } from 'node:timers/promises'
import { watchedPolicy } from '../../lib/config/policy-file.ts'
import { aWorld, type Process, until, type World } from '../support/a-world.ts'
import { chainProgram } from '../support/chain-program.ts'

describe('the policy of a running runtime', () => {
  let path = ''
  beforeEach(() => {
    path = join(mkdtempSync(join(tmpdir(), 'chaperone-policy-')), 'policy.yaml')
  })
  afterEach(() => rmSync(join(path, '..'), { recursive: true }))

  const failing = chainProgram({
    hook: (_state, { id }) => {
      if (id.startsWith('bad')) throw new Error('planned')
      return undefined
    }
  })

  it('changes with its file: for the next failure when it is right, never when wrong', async () => {
    writeFileSync(path, 'restarts: 0\n')
    const world = aWorld()
    const process = await world.start({ bot: failing, policy: watchedPolicy(path) })
    await process.say('m0')
    assert.equal((await until(world.clock, process.say('bad1'))).tag, 'parked')
    assert.equal(process.channel.texts().at(-1), 'sorry')

    writeFileSync(path, 'restarts: 0\nrules:\n  - do: restrat\n')
    await heard(world, process, 'policy.refused')
    const [alarm] = process.heard.filter(({ name }) => name === 'alarm')
    assert.ok(JSON.stringify(alarm).includes(`${path}:3: rules: 0: do: expected`))
    assert.equal((await until(world.clock, process.say('bad2'))).tag, 'parked')
    assert.equal(process.channel.texts().at(-1), 'sorry')

    // As editors do: a new file is moved into the place of the old one.
    writeFileSync(`${path}.new`, 'rules:\n  - do: park\ntexts:\n  park: { en: kept }\n')
    renameSync(`${path}.new`, path)
    await heard(world, process, 'policy.changed')
    assert.equal((await until(world.clock, process.say('bad3'))).tag, 'parked')
    assert.equal(process.channel.texts().at(-1), 'kept')

    rmSync(path)
    await heard(world, process, 'policy.refused', 2)
    assert.equal((await until(world.clock, process.say('bad4'))).tag, 'parked')
    assert.equal(process.channel.texts().at(-1), 'kept')
    await until(world.clock, process.runtime.stop())
  })

  it('refuses to be made of a wrong one, or of places that the bot does not have', () => {
    const world = aWorld()
    writeFileSync(path, 'ladder: [retry]\n')
    assert.throws(
      () => world.made({ policy: watchedPolicy(path) }),
      /policy\.yaml:1: ladder: never/
    )
    const to = { flow: 'X', step: 'y' }
    const bot = { ...failing, unresettable: () => 'there is no flow "X"' }
    const policy = { rules: [{ do: 'reset', to }] } as const
    assert.throws(() => world.made({ bot, policy }), /rules\.0\.to: there is no flow "X"/)
  })
})

/** Lets time pass until the log has this event for the n-th time. */
async function heard(world: World, { log }: Process, event: string, nth = 1): Promise<void> {
  for (let look = 0; look < 500; look += 1) {
    if (log.filter(line => line.includes(`"event":"${event}"`)).length >= nth) return
    await world.pass(250)
    // Reading the file takes real time, which the simulated clock knows nothing of.
    await rest(1)
  }
  assert.fail(`${event} was not heard`)
}
