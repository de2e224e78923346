import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

describe('the layers of lib/', function () {
  this.timeout(30_000)

  it('let through what the table allows', () => {
    const { code, said } = checked(allowed, '.ci/layers.mjs')

    assert.equal(code, 0, said)
    assert.match(said, /layers: 9 files of lib\//)
  })

  it('refuse what it does not, and name the file', () => {
    const { code, said } = checked({ ...allowed, ...forbidden }, '.ci/layers.mjs')

    assert.equal(code, 1)
    for (const [path, text] of Object.entries(forbidden))
      assert.ok(said.includes(path), `${path} (${text}) was let through:\n${said}`)
    for (const path of Object.keys(allowed)) assert.doesNotMatch(said, new RegExp(`^${path} `, 'm'))
  })

  it('are not green when nothing was checked', () => {
    const { code, said } = checked({ 'spec/a.spec.ts': 'export {}' }, '.ci/layers.mjs')

    assert.equal(code, 1)
    assert.match(said, /0 files of lib/)
  })
})

describe('the lint', function () {
  this.timeout(30_000)

  for (const [what, text] of [
    ['a swallowed error', 'export const f = (): void => {\n  try {\n    g()\n  } catch {}\n}'],
    ['an error caught and not used', 'try {\n  g()\n} catch (error) {\n  g()\n}'],
    ['a promise left alone', 'const f = async (): Promise<void> => {}\nf()'],
    ['an fp-ts path Node cannot resolve', "export { pipe } from 'fp-ts/function'"]
  ] as const)
    it(`refuses ${what} and names the file`, () => {
      const source = `import { g } from './g.ts'\nexport const used = g\n${text}\n`
      const { code, said } = checked(
        { 'lib/kernel/a.ts': source, 'lib/kernel/g.ts': 'export const g = (): void => undefined' },
        'node_modules/oxlint/bin/oxlint',
        '--type-aware',
        '--deny-warnings',
        'lib'
      )

      assert.equal(code, 1, said)
      assert.match(said, /lib\/kernel\/a\.ts/)
    })
})

const allowed: Readonly<Record<string, string>> = {
  'lib/index.ts': "export { pino } from './app/b.ts'\nexport { a } from './kernel/a.ts'",
  'lib/app/b.ts': "export { pino } from 'pino'",
  'lib/kernel/a.ts': "export { left as a } from 'fp-ts/lib/Either.js'",
  'lib/store/port.ts': "import * as t from 'io-ts'\nexport { a } from '../kernel/a.ts'\nvoid t",
  'lib/store/redis/r.ts': "export { Redis } from 'ioredis'\nexport { a } from '../port.ts'",
  'lib/store/lmdb/l.ts': "export { open } from 'lmdb'\nexport { join } from 'node:path'",
  'lib/channel/webchat/w.ts': "export { WebSocket } from 'ws'",
  'lib/ops/prometheus-metrics.ts': "export { Counter } from 'prom-client'",
  'lib/runtime/nact.ts': "export { start } from 'nact'"
}

const forbidden: Readonly<Record<string, string>> = {
  'lib/calls/package.ts': "export { Redis } from 'ioredis'",
  'lib/kernel/upward.ts': "export { a } from '../store/port.ts'",
  'lib/kernel/type-upward.ts':
    "import type { a } from '../store/port.ts'\nexport type A = typeof a",
  'lib/conversation/builtin.ts': "export { readFileSync } from 'node:fs'",
  'lib/supervision/clock.ts': "export { setTimeout } from 'node:timers/promises'",
  'lib/flow/package.ts': "export { pino } from 'pino'",
  'lib/store/lmdb/neighbour.ts': "export { Redis } from '../redis/r.ts'",
  'lib/store/adapter.ts': "export { Redis } from './redis/r.ts'",
  'lib/channel/whatsapp/socket.ts': "export { WebSocket } from 'ws'",
  'lib/ops/counted.ts': "export { Counter } from 'prom-client'",
  'lib/runtime/counted.ts': "export { Counter } from 'prom-client'",
  'lib/runtime/adapter.ts': "export { Redis } from '../store/redis/r.ts'",
  'lib/runtime/second-nact.ts': "export { start } from 'nact'",
  'lib/runtime/flow.ts': "export { pino } from '../flow/package.ts'",
  'lib/outbox/door.ts': "export { a } from '../index.ts'",
  'lib/timers/development.ts': "export { default } from 'fast-check'",
  'lib/testing/spec.ts': "export { b } from '../../spec/b.ts'",
  'lib/misc/homeless.ts': 'export const alone = 1',
  'lib/timers/circle.ts': "export { b } from './round.ts'\nexport const a = 1",
  'lib/timers/round.ts': "export { a } from './circle.ts'\nexport const b = 1"
}

/** Runs a check of ours on a small tree of its own, with our configuration and packages. */
function checked(
  files: Readonly<Record<string, string>>,
  script: string,
  ...args: readonly string[]
): { readonly code: number | null; readonly said: string } {
  const root = mkdtempSync(join(tmpdir(), 'chaperone-planted-'))
  try {
    for (const [path, text] of Object.entries({ 'spec/b.ts': 'export const b = 1', ...files })) {
      mkdirSync(join(root, dirname(path)), { recursive: true })
      writeFileSync(join(root, path), `${text}\n`)
    }
    for (const name of ['package.json', 'tsconfig.json', '.oxlintrc.json'])
      cpSync(name, join(root, name))
    symlinkSync(resolve('node_modules'), join(root, 'node_modules'))
    const { status, stdout, stderr } = spawnSync(process.execPath, [resolve(script), ...args], {
      cwd: root,
      encoding: 'utf8'
    })
    return { code: status, said: stdout + stderr }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
