import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../../lib/cli/run.ts'
import { policyFile } from '../../lib/config/policy-file.ts'
import type { Policy } from '../../lib/supervision/policy.ts'
import { aWorld } from '../support/a-world.ts'
import { chainProgram } from '../support/chain-program.ts'
import { sourceOf } from '../support/child-program.ts'

describe('chaperone policy', () => {
  let folder = ''
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'chaperone-policy-'))
  })
  after(() => rmSync(folder, { recursive: true }))

  const written = (policy: object): string => {
    const path = join(folder, 'policy.yaml')
    writeFileSync(path, JSON.stringify(policy))
    return path
  }
  const said = async (...words: readonly string[]) => {
    let text = ''
    const signal = new AbortController().signal
    const say = (more: string): void => {
      text += more
    }
    const code = await run(['policy', ...words], { say, signal })
    return { code, text }
  }

  it('check takes a sound file', async () => {
    const { code, text } = await said('check', 'config/supervision.yaml')
    assert.equal(code, 0, text)
    assert.match(text, /"event":"policy.sound".*"ladder":\["restart","reset","hold"\]/)
  })

  const lines: readonly (readonly [string, string, RegExp])[] = [
    ['a misspelt directive', 'rules:\n  - do: parc\n', /:2: rules: 0: do: .*mean .*park/],
    [
      'a delay below 0',
      'backoff:\n  initialMs: -1\n  maxMs: 1\n  factor: 1\n',
      /:2: backoff: initialMs/
    ],
    ['an unknown key', 'restarts: 3\n\nrestart: 1\n', /:3: restart: unknown field.*restarts/],
    [
      'a rule behind a catch-all',
      'rules:\n  - do: hold\n  - do: park\n',
      /:3: rules: 1: is never r/
    ],
    ['a ladder that never ends', 'restarts: 1\nladder: [restart]\n', /:2: ladder: never ends/]
  ]
  for (const [what, text, message] of lines)
    it(`check refuses ${what} with its line`, async () => {
      const path = join(folder, 'wrong.yaml')
      writeFileSync(path, text)
      const { code, text: heard } = await said('check', path)
      assert.equal(code, 1)
      assert.match(heard.replaceAll('\\"', '"'), message)
      assert.ok(heard.includes(path))
    })

  it('check holds the places of resets against a bot', async () => {
    const bot = ['--bot', sourceOf('spec/support/bots/schema-3.ts')]
    const to = { flow: 'NOWHERE', step: 'a' }
    const path = written({ rules: [{ do: 'reset', to }] })
    assert.equal((await said('check', path)).code, 0)
    const { code, text } = await said('check', path, ...bot)
    assert.equal(code, 1)
    assert.match(text.replaceAll('\\"', '"'), /rules: 0: to: there is no flow "NOWHERE"/)
  })

  it('says in one line which module of a bot is broken', async () => {
    const broken = join(folder, 'broken.mjs')
    writeFileSync(broken, 'export const bot = nothing.of.it\n')
    const { code, text } = await said('explain', '--bot', broken)
    assert.equal(code, 2)
    assert.equal(text, `${broken} could not be loaded: nothing is not defined\n`)
  })

  it('is not understood when it is mistyped', async () => {
    for (const words of [
      ['chek', 'a'],
      ['explain', '--attempt', '0'],
      ['explain', '--failure', 'x']
    ]) {
      assert.equal((await said(...words)).code, 2, words.join(' '))
    }
    assert.equal((await said('check')).code, 2)
    assert.equal((await said('check', join(folder, 'gone.yaml'))).code, 1)
  })

  const here = { flow: 'CHAIN', step: 'link' } as const
  const backoff = { initialMs: 30, maxMs: 100, factor: 2 } as const
  const asked: readonly (readonly [string, Partial<Policy>, number])[] = [
    ['the default, first run', {}, 1],
    ['the default, third run', {}, 3],
    ['the default, last run', {}, 4],
    ['a rule with a pause of its own', { rules: [{ when: here, do: 'retry', backoff }] }, 2],
    ['a rule that is spent', { rules: [{ do: 'restart', restarts: 1 }] }, 2],
    ['a rule for a run', { rules: [{ when: { attempt: 2 }, do: 'park' }] }, 2],
    ['a rule for another place', { rules: [{ when: { step: 'other' }, do: 'park' }] }, 1],
    ['a rule that holds', { rules: [{ when: { code: 'CHP_DECIDE_THREW' }, do: 'hold' }] }, 1],
    ['a rule that escalates', { rules: [{ do: 'escalate' }], ladder: ['restart', 'park'] }, 1],
    ['a ladder of retries', { ladder: ['retry', 'hold'], restarts: 2, backoff }, 3]
  ]
  for (const [what, policy, attempt] of asked)
    it(`explain tells of ${what} what then happens, pause included`, async () => {
      const path = written(policy)
      const place = ['--flow', here.flow, '--step', here.step, '--stage', 'NONE']
      const { text } = await said(
        'explain',
        path,
        '--failure',
        'Defect',
        '--attempt',
        `${attempt}`,
        ...place
      )
      const told = JSON.parse(text) as Record<string, unknown>

      const seen = await happened(policyFile(path), attempt)

      const { act, directive, rule, why, pauseMs } = told
      assert.deepEqual({ act, directive, rule, why }, seen.verdict)
      // The pause is a random share of the longest: here all of it.
      assert.deepEqual(pauseMs, { from: 0, to: seen.pauseMs })
      assert.equal(seen.tookMs, seen.pauseMs)
    })
})

/** What a runtime does about the n-th failure of an event, when the longest pause is drawn. */
async function happened(policy: Policy, attempt: number) {
  const world = aWorld()
  const ranAtMs: number[] = []
  const bot = chainProgram({
    hook: (_state, { id }) => {
      if (id !== 'bad') return undefined
      ranAtMs.push(world.clock.nowMs())
      throw new Error('planned')
    }
  })
  const random = { fraction: () => 0.999_999_999, bytes: (count: number) => new Uint8Array(count) }
  const process = await world.start({ bot, policy, random })
  await process.say('m0')
  void process.say('bad')
  await world.settle()
  const crashes = process.log
    .filter(line => line.includes('"actor.crashed"'))
    .map(line => JSON.parse(line.slice(0, line.lastIndexOf('}') + 1)) as Record<string, unknown>)
  const { act, directive, rule, why, pauseMs } = crashes[attempt - 1] ?? {}
  const drawn = Number(pauseMs)
  const [from = 0, to = from] = ranAtMs.slice(attempt - 1)
  const longest = drawn === 0 ? 0 : drawn + 1
  return {
    verdict: { act, directive, rule, why },
    pauseMs: longest,
    tookMs: to - from === 0 ? 0 : to - from + 1
  }
}
