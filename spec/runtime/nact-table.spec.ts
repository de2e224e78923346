import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'

/** Options and members that nothing here names: what they do wrong cannot be met. */
const UNUSED: readonly string[] = [
  'initialState',
  'initialStateFunc',
  'afterStop',
  'shutdownAfter',
  'snapshot',
  'persist',
  'query',
  'resetAll',
  'stopAll',
  'resume',
  'escalate',
  'mailbox',
  '.log'
]

describe('a trap of nact', () => {
  it('in what is not used cannot be met: four functions, two answers, one option', () => {
    const source = readFileSync('lib/runtime/nact.ts', 'utf8').replaceAll(
      /\/\*\*[^]*?\*\/|\/\/.*/g,
      ''
    )
    const used = new Set([...source.matchAll(/\bnact\.(\w+)/g)].map(([, name]) => name))
    assert.deepEqual(used, new Set(['dispatch', 'spawn', 'start', 'stop']))
    const answers = [...source.matchAll(/\bcontext\.(\w+)/g)].map(([, name]) => name)
    assert.deepEqual(new Set(answers), new Set(['reset', 'stopChild']))
    for (const name of UNUSED) assert.equal(source.includes(name), false, name)
  })
})

describe('the table of traps', () => {
  const rows = readFileSync('docs/nact.md', 'utf8')
    .split('\n')
    .filter(line => /^\| T\d/.test(line))

  it('has each of the 35, in order, with a spec or a line why it cannot be met', () => {
    const traps = Array.from({ length: 35 }, (_, index) => `T${index + 1}`)
    assert.deepEqual(
      rows.map(row => /^\| (T\d+) \|/.exec(row)?.[1]),
      traps
    )
  })

  it('names specs that bear the number in a title', () => {
    for (const row of rows) {
      const trap = /^\| T(\d+)/.exec(row)?.[1] ?? ''
      const files = [...row.matchAll(/\]\(\.\.\/([^)]+)\)/g)].map(([, path = '']) => path)
      if (files.length === 0) assert.match(row, /\| cannot be met \|$/)
      for (const file of files) {
        const text = readFileSync(file, 'utf8')
        const title = new RegExp(`it\\('[^']*(?:T${trap}\\b|\\([^)]*\\b${trap}\\b|to ${trap}\\b)`)
        const isIn =
          title.test(text) || ((trap === '13' || trap === '14') && text.includes('(12 to 16'))
        assert.ok(isIn, `${file} bears no T${trap}`)
      }
    }
  })
})
