import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { simulate } from '../../lib/testing/sim/simulate.ts'
import { ownBot } from './own-bot.ts'

/** All that the runtime needs of a bot, in JavaScript. */
const WHOLE: Readonly<Record<string, string>> = {
  name: '"whole"',
  schema: '1',
  record: '{ decode() {}, encode() {} }',
  initial: '() => ({})',
  decide: '() => ({})',
  reset: '() => ({})',
  place: '() => ({})',
  invalid: '() => null',
  calls: '{ pay: { run() {} } }',
  relogin: 'null'
}

describe('a bot of one’s own', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'chaperone-own-bot-'))
  })
  after(() => rmSync(folder, { recursive: true }))

  const written = (name: string, source: string): string => {
    const path = join(folder, name)
    writeFileSync(path, source)
    return path
  }

  it('lives as those of the simulator do, and keeps every promise', async () => {
    const own = await ownBot('examples/first-bot/bot.ts')
    assert.ok(typeof own === 'object')
    let turns = 0
    for (let seed = 1; seed <= 8; seed += 1) {
      const life = await simulate(seed, own)

      assert.deepEqual(life.violations, [])
      turns += life.turns
    }
    assert.ok(turns > 100)
  }).timeout(20_000)

  for (const [path, why] of [
    ['nowhere.ts', /there is no file nowhere\.ts/],
    ['spec/simulation/mutants.ts', /mutants\.ts exports no bot, neither as default nor as bot/],
    [
      'spec/simulation/bots/wordless-bot.ts',
      /gives no bot: CHP_BOT_INVALID: Bot "wordless": .*nobody\.wrote/
    ]
  ] as const)
    it(`is refused in one line: ${path}`, async () => {
      const refusal = await ownBot(path)

      assert.ok(typeof refusal === 'string')
      assert.match(refusal, why)
      assert.ok(!refusal.includes('\n'))
    })

  for (const [name, source, why] of [
    ['null.mjs', 'throw null', /null\.mjs gives no bot: a thrown null$/],
    ['nothing.mjs', 'throw undefined', /gives no bot: a thrown undefined$/],
    ['number.mjs', 'throw 7', /gives no bot: a thrown number$/],
    ['bare.mjs', 'throw { failure: null }', /gives no bot: a thrown object$/],
    [
      'error.mjs',
      'throw new RangeError("no\\n\\n  token in\\tTOKEN")',
      /error\.mjs gives no bot: RangeError: no token in TOKEN$/
    ],
    ['mute.mjs', 'throw new Error()', /mute\.mjs gives no bot: Error at \S+/],
    ['syntax.mjs', 'export default {', /gives no bot: SyntaxError: \w+/],
    ['long.mjs', 'throw new Error("x".repeat(900))', /gives no bot: Error: x{299}…$/]
  ] as const)
    it(`tells what its module throws: ${name}`, async () => {
      const refusal = await ownBot(written(name, source))

      assert.ok(typeof refusal === 'string')
      assert.match(refusal, why)
      assert.ok(!refusal.includes('\n'))
    })

  it('is no directory', async () => {
    const path = join(folder, 'bot.mjs.d')
    mkdirSync(path)

    assert.equal(await ownBot(path), `${path} is a directory, not a module`)
  })

  it('has a limit to load within', async () => {
    const path = written('endless.mjs', 'await new Promise(() => {})')

    assert.equal(
      await ownBot(path, { limitMs: 50 }),
      `${path} does not finish loading within 0.05 s`
    )
  })

  it('is taken when it has all that the runtime needs', async () => {
    const own = await ownBot(written('whole.mjs', moduleOf({})))

    assert.ok(typeof own === 'object')
    assert.equal(own.bot?.name, 'whole')
  })

  for (const [index, [name, value]] of [
    ...Object.keys(WHOLE).map(key => [key, 'undefined'] as const),
    ['calls', 'null'] as const,
    ['calls', '[]'] as const,
    ['calls', '{ pay: null }'] as const,
    ['calls', '{ pay: { run: true } }'] as const,
    ['schema', '"1"'] as const,
    ['record', '{}'] as const,
    ['tracks', '1'] as const,
    ['migrations', '{}'] as const
  ].entries())
    it(`is none when its ${name} is ${value}`, async () => {
      const path = written(`part-${index}.mjs`, moduleOf({ [name]: value }))

      assert.equal(await ownBot(path), `${path} exports no bot, neither as default nor as bot`)
    })

  it('is compiled first where nobody compiles it', async () => {
    const path = written('outside.ts', moduleOf({}))
    const refusal = await ownBot(path, { isCompiled: true })

    assert.equal(
      refusal,
      `${path} must be compiled to JavaScript first, or lie in examples/ of this repository`
    )
  })
})

function moduleOf(change: Readonly<Record<string, string>>): string {
  const members = Object.entries({ ...WHOLE, ...change })
  return `export default { ${members.map(([name, value]) => `${name}: ${value}`).join(', ')} }`
}
