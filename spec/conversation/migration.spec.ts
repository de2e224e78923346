import assert from 'node:assert/strict'
import { type Migration, migrated, migratedCore } from '../../lib/conversation/migration.ts'
import type { ConversationRecord } from '../../lib/conversation/record.ts'
import { Secret } from '../../lib/kernel/secret.ts'
import { MIGRATIONS, ordering } from '../support/migrating-bot.ts'

const step = (change: Partial<Migration> = {}): readonly Migration[] => [
  { from: 1, to: 2, up: state => state, down: state => state, ...change }
]
const once = { from: 1, to: 2 }

describe('a record on its way to another schema', () => {
  it('takes every step in order, each frame of the flow with it', () => {
    const up = migrated(MIGRATIONS, ordering(1, 'ada'), { from: 1, to: 3 })

    assert.deepEqual(up, { tag: 'migrated', value: ordering(3, 'ada') })
  })

  it('goes the same way back', () => {
    const down = migrated(MIGRATIONS, ordering(3, 'ada'), { from: 3, to: 1 })

    assert.deepEqual(down, { tag: 'migrated', value: ordering(1, 'ada') })
  })

  it('stays as it is where it is there already', () => {
    const record = ordering(2, 'ada')
    const same = migrated(MIGRATIONS, record, { from: 2, to: 2 })

    assert.deepEqual(same, { tag: 'migrated', value: record })
  })

  it('loses the dialogue that was set aside in the old schema', () => {
    const record = ordering(1, 'ada') as unknown as ConversationRecord
    const kept = { frame: record.flow, whose: 1 }
    const session = { ...record.session, kept }

    const up = migrated(MIGRATIONS, { ...record, session }, { from: 1, to: 3 })

    assert.ok(up.tag === 'migrated')
    assert.deepEqual(up.value['session'], record.session)
  })

  it('keeps its secrets, shut and whole', () => {
    const up = migrated(MIGRATIONS, ordering(1, 'ada'), { from: 1, to: 3 })

    assert.ok(up.tag === 'migrated')
    const { token } = (up.value as unknown as ConversationRecord).core
    assert.ok(token?.value instanceof Secret)
    assert.equal(token.value.reveal(), 'token-of-ada')
  })

  it('has its calls under their new names, and under the old ones again', () => {
    const call = { key: 'k', name: 'pay', origin: 'o', cause: 'c' }
    const calls = [
      { ...call, effect: true, attached: true, openedAtMs: 1 },
      { ...call, name: 'look', effect: false, attached: false, openedAtMs: 1 }
    ]
    const up = migrated(MIGRATIONS, { ...ordering(2, 'ada'), calls }, { from: 2, to: 3 })
    assert.ok(up.tag === 'migrated')
    const names = (value: Readonly<Record<string, unknown>>): readonly string[] =>
      (value['calls'] as typeof calls).map(({ name }) => name)
    assert.deepEqual(names(up.value), ['charge', 'look'])

    const down = migrated(MIGRATIONS, up.value, { from: 3, to: 2 })
    assert.ok(down.tag === 'migrated')
    assert.deepEqual(names(down.value), ['pay', 'look'])
  })

  it('says which step is missing, in either direction, and tries none', () => {
    const [first] = MIGRATIONS
    assert.deepEqual(migrated([first!], ordering(1, 'ada'), { from: 1, to: 3 }), {
      tag: 'missing',
      from: 2,
      to: 3
    })
    assert.deepEqual(migrated([], ordering(3, 'ada'), { from: 3, to: 2 }), {
      tag: 'missing',
      from: 3,
      to: 2
    })
  })

  it('is left as it was by a step that changes what it is given', () => {
    const record = ordering(1, 'ada')
    const spoilt = migrated(
      step({
        up: ({ core, flow }) => {
          Reflect.deleteProperty(core, 'member')
          Reflect.set(flow.data, 'amount', 'changed')
          return { core, flow }
        }
      }),
      record,
      once
    )

    assert.equal(spoilt.tag, 'migrated')
    assert.deepEqual(record, ordering(1, 'ada'))
  })

  it('keeps its core where only the flow cannot be brought there', () => {
    const { core } = ordering(1, 'ada')

    assert.deepEqual(migratedCore(MIGRATIONS, core, { from: 1, to: 3 }), ordering(3, 'ada').core)
    assert.equal(migratedCore(MIGRATIONS, { member: null }, { from: 1, to: 3 }), undefined)
  })
})

describe('a step of a migration', () => {
  const failing: readonly (readonly [string, Partial<Migration>, string, RegExp])[] = [
    ['throws', { up: () => assert.fail('planned: ada') }, 'record', /^migration 1 to 2 threw: /],
    ['gives back nothing', { up: () => undefined as never }, 'record', /no plain state/],
    ['forgets the flow', { up: ({ core }) => ({ core }) as never }, 'flow', /no plain state/],
    [
      'is asynchronous',
      { up: (async (state: unknown) => state) as unknown as Migration['up'] },
      'core',
      /no plain state/
    ],
    [
      'writes what no store keeps',
      { up: ({ core, flow }) => ({ core: { ...core, since: new Date(0) }, flow }) },
      'core.since',
      /no plain state/
    ],
    [
      'lets a secret into the flow',
      {
        up: ({ core, flow }) => ({ core, flow: { ...flow, data: { token: Secret.of('x') } } })
      },
      'flow.data.token',
      /no plain state/
    ]
  ]
  for (const [what, change, field, rule] of failing)
    it(`that ${what} fails, without a word of what is stored`, () => {
      const made = migrated(step(change), ordering(1, 'ada'), once)

      assert.equal(made.tag, 'failed')
      assert.equal(made.field, field)
      assert.match(made.rule, rule)
      assert.doesNotMatch(made.rule, /ada/)
    })

  for (const value of [null, 7, [], {}, { core: {} }, { core: {}, flow: { caller: 7 } }])
    it(`is not run on what is no record: ${JSON.stringify(value)}`, () => {
      const up = (): never => assert.fail('it was run')
      assert.equal(migrated(step({ up }), value, once).tag, 'failed')
    })
})
