import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { MUTANTS } from './mutants.ts'

describe('the bugs that are planted', () => {
  for (const { name, file, find, replace } of MUTANTS)
    it(`have one place in the sources: ${name}`, () => {
      const parts = readFileSync(file, 'utf8').split(find)

      assert.equal(parts.length - 1, 1, `found ${parts.length - 1} times in ${file}`)
      assert.notEqual(find, replace)
    })

  it('are sixteen at least, each by a name of its own', () => {
    const names = new Set(MUTANTS.map(({ name }) => name))

    assert.ok(names.size >= 16)
    assert.equal(names.size, MUTANTS.length)
  })
})
