import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import {
  ChaperoneError,
  FAILURES,
  type FailureCode,
  fail,
  failure,
  failureOf
} from '../../lib/kernel/failure.ts'

const page = readFileSync('docs/failures.md', 'utf8')
const codes = Object.keys(FAILURES) as FailureCode[]

describe('the registry of failures and its page', () => {
  for (const code of codes)
    it(`say the same of ${code}`, () => {
      const { tag, means, act } = FAILURES[code]
      const section = page.split(`\n### ${code}\n`)[1]?.split(/\n##+ /)[0]
      assert.equal(section?.trim(), `${means}\n\n**What to do.** ${act}`)
      const before = page.slice(0, page.indexOf(`\n### ${code}\n`))
      assert.equal(before.match(/\n## (\w+)/g)?.at(-1), `\n## ${tag}`)
    })

  it('list the same codes, each once', () => {
    const listed = page.match(/^### (\w+)$/gm)?.map(line => line.slice(4)) ?? []
    assert.deepEqual(listed.toSorted(), codes.toSorted())
  })

  it('speak in whole sentences, without data', () => {
    for (const { means, act } of Object.values(FAILURES)) {
      assert.match(means, /^[A-Z].*\.$/)
      assert.match(act, /^[A-Z].*\.$/)
    }
  })

  it('name only bounds and states that the runtime knows', () => {
    const sources = ['runtime', 'conversations', 'turn', 'shed-full'].map(name =>
      readFileSync(`lib/runtime/${name}.ts`, 'utf8')
    )
    const table = page.split('## Receipts that were shed')[1] ?? ''
    const reasons = [...table.matchAll(/^\| (`[^|]+`) \|/gm)].flatMap(([, cell = '']) =>
      cell.split(', ').map(word => word.replaceAll('`', ''))
    )
    assert.ok(reasons.length >= 10)
    for (const reason of reasons) {
      const literal = reason.startsWith('full: ') ? 'full: ${' : `'${reason}'`
      assert.ok(
        sources.some(text => text.includes(literal)),
        reason
      )
    }
  })
})

describe('a failure', () => {
  it('takes its kind from the registry', () => {
    assert.deepEqual(failure('CHP_COMMIT_GONE', 'x'), {
      tag: 'Gone',
      code: 'CHP_COMMIT_GONE',
      detail: 'x'
    })
  })

  it('is thrown as the one error class, with its code, its cause and what to do', () => {
    const cause = new Error('inner')
    let thrown: unknown
    try {
      fail('CHP_STORE_UNAVAILABLE', 'No answer in 1,000 ms.', cause)
    } catch (error) {
      thrown = error
    }

    assert.ok(thrown instanceof ChaperoneError)
    assert.equal(thrown.name, 'ChaperoneError')
    assert.match(thrown.message, /^CHP_STORE_UNAVAILABLE: No answer in 1,000 ms\. Check that/)
    assert.equal(thrown.cause, cause)
    assert.equal(failureOf(thrown)?.code, 'CHP_STORE_UNAVAILABLE')
    assert.match(inspect(thrown), /ChaperoneError/)
  })

  it('is not found in an error of another kind', () => {
    assert.equal(failureOf(new Error('x')), undefined)
    assert.equal(failureOf({ failure: failure('CHP_COMMIT_GONE', 'x') }), undefined)
    assert.equal(failureOf(null), undefined)
  })
})
