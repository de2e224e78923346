import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { run } from '../../lib/cli/run.ts'
import { sourceOf, startProgram } from '../support/child-program.ts'
import { otherCopy } from '../support/other-copy.ts'

const RIGHT = sourceOf('spec/support/bots/schema-3.ts')
const BAD = sourceOf('spec/support/bots/bad-bot.ts')

describe('chaperone check, graph and outline', function () {
  this.timeout(60_000)
  const path = mkdtempSync(join(tmpdir(), 'chaperone-check-'))
  const file = (name: string, text: string): string => {
    const at = join(path, name)
    writeFileSync(at, text)
    return at
  }
  after(() => rmSync(path, { recursive: true, force: true }))

  it('name everything that is wrong with a bot, with flow and step', async () => {
    const { code, said } = await ran('check', BAD)

    assert.equal(code, 1)
    assert.deepEqual(said.split('\n'), [
      'circle.one: comes back to itself without asking anything (loop)',
      'circle.two: comes back to itself without asking anything (loop)',
      'circle.one: the text "one" is missing in en (text)',
      ''
    ])
    const [graph, outline] = await Promise.all([ran('graph', BAD), ran('outline', BAD)])
    assert.deepEqual(
      [graph, outline],
      [
        { code, said },
        { code, said }
      ]
    )
  })

  it('find what conversations of the build before would miss, and nothing else', async () => {
    const outline = await ran('outline', RIGHT)
    const same = file('same.json', outline.said)
    const older = JSON.parse(outline.said) as Outline
    const [name = ''] = Object.keys(older.flows)
    older.flows[name]!.steps['gone'] = null
    const previous = file('older.json', JSON.stringify(older))

    const checked = [
      await ran('check', RIGHT, '--previous', same),
      await ran('check', RIGHT, '--previous', previous)
    ]

    assert.deepEqual(checked[0], { code: 0, said: 'Nothing is wrong with the bot.\n' })
    assert.equal(checked[1]?.code, 1)
    assert.match(checked[1].said, /^home\.gone: the step is gone: .*\(deploy\)\n$/)
  })

  it('know a bot, and a bot refused, that another copy of the package has made', async () => {
    const other = otherCopy(['spec/support/bots/bad-bot.ts', 'spec/flow/small-bot.ts'])
    const at = (name: string): string => join(other, name.replace(/\.ts$/, extname(BAD)))
    const right = at('right.ts')
    writeFileSync(right, `export { smallBot as bot } from './spec/flow/small-bot${extname(BAD)}'`)

    const [checked, refused] = await Promise.all([
      ran('check', right),
      ran('check', at('spec/support/bots/bad-bot.ts'))
    ])
    rmSync(other, { recursive: true, force: true })

    assert.deepEqual(checked, { code: 0, said: 'Nothing is wrong with the bot.\n' })
    assert.equal(refused.code, 1)
    assert.match(refused.said, /^circle\.one: comes back to itself/)
  })

  it('draw a bot as Mermaid text', async () => {
    const { code, said } = await here('graph', RIGHT)

    assert.equal(code, 0)
    assert.match(said, /^flowchart TD\n {2}subgraph f0\[/)
  })

  for (const [what, words, why] of [
    ['no file', ['check', 'nowhere.js'], /^There is no file nowhere\.js\.\n$/],
    [
      'no bot',
      ['graph', sourceOf('spec/support/changes.ts')],
      /^The module .* exports no bot\.\n$/
    ],
    [
      'a program that defineBot did not make',
      ['check', sourceOf('spec/support/bots/program.ts')],
      /^The bot of .* was not made with defineBot\.\n$/
    ],
    ['no program', ['check', 'README.md'], /^README\.md could not be loaded: [^\n]+\n$/],
    [
      'no outline',
      ['check', RIGHT, '--previous', 'package.json'],
      /^package\.json is no outline: [^\n]+\n$/
    ],
    ['no file for an outline', ['check', RIGHT, '--previous', 'nowhere'], /^The outline nowhere /]
  ] as const)
    it(`say in one line that there is ${what}`, async () => {
      const { code, said } = await here(...words)

      assert.equal(code, 2)
      assert.match(said, why)
    })

  it('tell how they are used to whoever names nothing, or two', async () => {
    assert.match((await here('check')).said, /Name one module.*chaperone check BOT/s)
    assert.equal((await here('check', RIGHT, RIGHT)).code, 2)
  })
})

interface Outline {
  readonly flows: Record<string, { readonly steps: Record<string, unknown> }>
}

async function here(...words: readonly string[]): Promise<{ code: number; said: string }> {
  const texts: string[] = []
  const { signal } = new AbortController()
  const code = await run(words, { say: text => texts.push(text), signal })
  return { code, said: texts.join('') }
}

/** In a process of its own: here, specs and what they import have modules of their own each. */
async function ran(...words: readonly string[]): Promise<{ code: number | null; said: string }> {
  const child = startProgram(sourceOf('lib/cli/chaperone.ts'), {}, words)
  const code = await child.ended
  return { code, said: child.written() }
}
