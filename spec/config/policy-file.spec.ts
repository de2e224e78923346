import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { policyFile } from '../../lib/config/policy-file.ts'
import { defaultPolicy } from '../../lib/supervision/policy.ts'

describe('policyFile', () => {
  let folder = ''
  const file = (text: string): string => {
    const path = join(folder, 'policy.yaml')
    writeFileSync(path, text)
    return path
  }

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'policy-'))
  })
  after(() => rmSync(folder, { recursive: true }))

  it('reads the policy that ships, and that is the default', () => {
    assert.deepEqual(policyFile('config/supervision.yaml'), defaultPolicy)
  })

  it('ships a file that explains every field', () => {
    const text = readFileSync('config/supervision.yaml', 'utf8')
    const lines = text.split('\n')
    const { backoff, intensity, texts, alarm } = defaultPolicy
    const fields = [defaultPolicy, backoff, intensity, texts, alarm].flatMap(part =>
      Object.keys(part)
    )
    for (const field of fields) {
      const at = lines.findIndex(line => new RegExp(`^\\s*${field}:`).test(line))
      assert.ok(at > 0 && /^\s*# \S/.test(lines[at - 1] ?? ''), field)
    }
  })

  it('names file and line of each wrong field', () => {
    const path = file('restarts: 3\nbackoff:\n  initialMs: x\n  maxMs: 1\n  factor: 2\nmore: 1\n')

    assert.throws(
      () => policyFile(path),
      (error: Error) =>
        error.message.includes(`${path}:3: backoff: initialMs: expected`) &&
        error.message.includes(`${path}:6: more: unknown field`)
    )
  })

  it('names the line of what holds a missing field', () => {
    const path = file('# policy\nrestarts: 3\nbackoff:\n  initialMs: 1\n')

    assert.throws(() => policyFile(path), /policy\.yaml:4: backoff: maxMs: expected/)
  })

  const broken: readonly (readonly [string, string, RegExp])[] = [
    ['an empty file', '', /policy\.yaml:1: expected fields/],
    ['a tab', 'restarts: 3\n\tbackoff: 1\n', /policy\.yaml:2: TAB/],
    ['a field given twice', 'restarts: 3\nrestarts: 4\n', /policy\.yaml:2: DUPLICATE_KEY/],
    ['two documents', 'restarts: 3\n---\nrestarts: 4\n', /policy\.yaml:\d: MULTIPLE_DOCS/],
    ['an endless number', 'restarts: .inf\nbackoff: 1\n', /policy\.yaml:1: restarts/],
    ['a bomb of aliases', `a: &a [x]\nb: [${'*a,'.repeat(40)}]\n`, /CHP_POLICY_INVALID/],
    ['a tag of its own', 'restarts: !!js/function "x"\n', /CHP_POLICY_INVALID/]
  ]
  for (const [what, text, message] of broken)
    it(`refuses ${what}`, () => {
      assert.throws(() => policyFile(file(text)), message)
    })

  it('refuses a file that is not there, by its name', () => {
    assert.throws(
      () => policyFile(join(folder, 'gone.yaml')),
      /gone\.yaml: the file cannot be read/
    )
  })
})
