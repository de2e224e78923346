import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { MUTANTS } from './mutants.ts'

describe('the bugs that are planted', () => {
  it('are many, each under a name of its own', () => {
    assert.ok(MUTANTS.length >= 16)
    assert.equal(new Set(MUTANTS.map(({ name }) => name)).size, MUTANTS.length)
  })

  for (const { name, file, find, replace } of MUTANTS)
    it(`fit exactly one place of today's sources: ${name}`, () => {
      assert.equal(readFileSync(file, 'utf8').split(find).length, 2)
      assert.notEqual(find, replace)
    })
})
