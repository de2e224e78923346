import assert from 'node:assert/strict'
import type { Migration } from '../../../lib/conversation/migration.ts'
import { defineBot } from '../../../lib/flow/index.ts'
import { smallBot } from '../small-bot.ts'

const up: Migration['up'] = state => state
const from = (schema: number, change: object = {}): Migration => ({
  from: schema,
  to: schema + 1,
  up,
  down: up,
  ...change
})
const define = (schema: number, migrations: readonly Migration[]) =>
  defineBot({ ...smallBot.spec, schema, migrations })

const bad: readonly (readonly [string, number, readonly Migration[], string])[] = [
  ['a gap', 4, [from(1), from(3)], 'migration 2 to 3 is missing'],
  ['a gap at the end', 3, [from(1)], 'migration 2 to 3 is missing'],
  ['a double', 3, [from(1), from(2), from(1)], 'migration 1 to 2 is there twice'],
  [
    'a step above its own schema',
    2,
    [from(1), from(2)],
    `migration 2 to 3 leads above the bot's own schema 2: raise it`
  ],
  [
    'a step of two',
    3,
    [from(1, { to: 3 })],
    'migration 1 to 3 must lead from a schema to the next'
  ],
  ['a step downwards', 2, [from(2, { to: 1 })], 'migration 2 to 1 must lead from a schema'],
  ['a step without down', 2, [from(1, { down: undefined })], 'migration 1 to 2 has no "down"'],
  ['a step without up', 2, [from(1, { up: 'x' })], 'migration 1 to 2 has no "up"'],
  [
    'two calls of one name',
    2,
    [from(1, { calls: { a: 'c', b: 'c' } })],
    'migration 1 to 2 gives two calls the name "c"'
  ],
  ['half a schema', 1.5, [], 'its schema must be a whole number from 0 on'],
  ['a schema below 0', -1, [], 'its schema must be a whole number from 0 on']
]

describe('the migrations of a bot', () => {
  for (const [what, schema, migrations, says] of bad)
    it(`are refused by name when the bot is defined: ${what}`, () => {
      assert.throws(
        () => define(schema, migrations),
        (error: Error) => error.message.includes('CHP_BOT_INVALID') && error.message.includes(says)
      )
    })

  it('may begin with any schema, in any order, and be none at all', () => {
    assert.equal(define(4, [from(3), from(2)]).schema, 4)
    assert.equal(define(4, []).schema, 4)
  })
})
