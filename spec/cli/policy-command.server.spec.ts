import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../../lib/cli/run.ts'
import { type ChildProgram, sourceOf, startProgram } from '../support/child-program.ts'
import { eventually } from '../support/eventually.ts'

type Line = Readonly<Record<string, unknown>>

const BACKOFF = 'backoff: { initialMs: 20, maxMs: 50, factor: 2 }'
/** Five runs each until the event is parked. */
const OLD = `restarts: 2\nladder: [retry, restart, park]\n${BACKOFF}\n`
const NEW = `restarts: 1
ladder: [restart, park]
${BACKOFF}
rules:
  - when: { code: CHP_DECIDE_THREW, attempt: { from: 1, to: 2 } }
    do: retry
    restarts: 2
    because: it is slow
  - { when: { step: elsewhere }, do: hold }
  - { when: { flow: CHAIN, attempt: 3 }, do: restart, restarts: 3, ${BACKOFF.replace('20', '40')} }
  - { when: { failure: Defect, attempt: 4 }, do: retry, restarts: 4 }
  - { when: { attempt: { from: 5 } }, do: park }
`
const WRONG = 'restarts: 2\nrules:\n  - do: parc\n'

describe('what a running server does about failures', function () {
  this.timeout(60_000)
  let folder = ''
  let policy = ''
  let server: ChildProgram
  let port = 0

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'chaperone-explained-'))
    policy = join(folder, 'supervision.yaml')
    writeFileSync(policy, OLD)
    const env = { DATA_DIR: join(folder, 'data'), INSTANCE: 'one', POLICY: policy }
    server = startProgram(sourceOf('spec/support/mortal-process.ts'), env)
    port = Number((await server.event('listening'))['port'])
  })
  after(async () => {
    await server.end('SIGTERM')
    rmSync(folder, { recursive: true })
  })

  const lines = (event: string): readonly Line[] =>
    server.log.filter(line => line['event'] === event)

  /** The lines of the crashes of a message that always throws. */
  const failed = async (user: string): Promise<readonly Line[]> => {
    const [before, parked] = [lines('actor.crashed').length, lines('event.parked').length]
    // Who has never been spoken to stands nowhere yet.
    for (const [text, tag] of [
      ['hi', 'committed'],
      ['throw', 'parked']
    ] as const) {
      const query = new URLSearchParams({ user, id: `${user}.${text}`, text })
      const answer = await fetch(`http://127.0.0.1:${port}/?${String(query)}`)
      assert.equal(((await answer.json()) as Line)['tag'], tag)
    }
    // The answer may be here before the lines are.
    await eventually(async () => lines('event.parked').length > parked)
    return lines('actor.crashed').slice(before)
  }

  /** What the command line says, of the file as it is now, about the runs of such a message. */
  const explained = async (count: number): Promise<readonly Line[]> => {
    const answers: Line[] = []
    const where = ['--stage', 'NONE', '--flow', 'CHAIN', '--step', 'link']
    for (let attempt = 1; attempt <= count; attempt += 1) {
      const how = ['--failure', 'CHP_DECIDE_THREW', '--attempt', `${attempt}`]
      const words = ['policy', 'explain', policy, ...how, ...where]
      let text = ''
      const say = (more: string): void => {
        text += more
      }
      const code = await run(words, { say, signal: new AbortController().signal })
      assert.equal(code, 0, text)
      answers.push(JSON.parse(text) as Line)
    }
    return answers
  }

  const agree = (answers: readonly Line[], crashes: readonly Line[]): void => {
    assert.equal(crashes.length, answers.length)
    for (const [at, { attempt, directive, act, rule, why, pauseMs, runs }] of answers.entries()) {
      const crash = crashes[at]!
      const said = { attempt, directive, act, rule, why }
      assert.deepEqual(pickedFrom(crash, said), said)
      const { from, to } = pauseMs as { readonly from: number; readonly to: number }
      const paused = Number(crash['pauseMs'])
      assert.ok(paused >= from && paused <= to, `${paused} of ${to} ms`)
      const acts = (runs as readonly Line[]).map(run => run['act'])
      assert.deepEqual(
        acts,
        crashes.slice(at + 1).map(later => later['act'])
      )
      const next = crashes[at + 1]
      if (next === undefined) continue
      const tookMs = Number(next['atMs']) - Number(crash['atMs'])
      assert.ok(tookMs >= paused - 1, `it ran again after ${tookMs} ms, told were ${paused}`)
    }
  }

  it('is what "policy explain" says, ten times, pauses included, also after an edit', async () => {
    const old = await explained(5)
    agree(old, await failed('u1'))

    writeFileSync(policy, WRONG)
    await eventually(async () => lines('policy.refused').length === 1)
    const { code, detail } = lines('policy.refused')[0]!
    assert.equal(code, 'CHP_POLICY_INVALID')
    assert.ok(String(detail).includes(`${policy}:3: rules: 0: do: `), String(detail))
    agree(old, await failed('u2'))

    writeFileSync(policy, NEW)
    await eventually(async () => lines('policy.changed').length === 1)
    const changed = await explained(5)
    assert.deepEqual(
      changed.map(({ rule }) => rule),
      [1, 1, 3, 4, 5]
    )
    agree(changed, await failed('u3'))
  })

  it('is told by the command line in a process of its own, too', async () => {
    writeFileSync(policy, WRONG)
    const words = ['policy', 'check', policy]
    const command = startProgram(sourceOf('lib/cli/chaperone.ts'), {}, words)
    assert.equal(await command.ended, 1)
    assert.ok(command.written().includes(`${policy}:3: rules: 0: do: `), command.written())
  })
})

function pickedFrom(line: Line, like: Line): Line {
  return Object.fromEntries(Object.keys(like).map(key => [key, line[key]]))
}
