import assert from 'node:assert/strict'
import { checkEventLog } from '../../../lib/testing/check-event-log.ts'
import { commit, line } from './lines.ts'

const HELD = { held: true, waits: true } as const
const hold = { took: ['OperatorCommand hold-1'], ...HELD }
const resume = { took: ['OperatorCommand resume-2'] }

describe('what an operator ordered, in a log', () => {
  it('is found kept: held, waiting, let go, moved back to a prompt of its own', () => {
    kept(
      commit(1, { took: ['Inbound m1'], prompt: 'one' }),
      commit(2, hold),
      line('ordered', { id: 'hold-1', outcome: 'held' }),
      commit(3, { defers: 'Inbound m2', took: [], digest: undefined }),
      commit(4, { took: ['CallSettled k.settled'], ...HELD }),
      commit(5, resume),
      commit(6, { took: ['Inbound m2'], prompt: 'two' }),
      commit(7, { took: ['OperatorCommand rollback-3'], from: 1, prompt: 'three' })
    )
  })

  const broken = [
    ['a message is taken while it is held', 'I15', commit(3, { ...hold, took: ['Inbound m2'] })],
    ['a timer is taken while it is held', 'I15', commit(3, { ...hold, took: ['TimerDue t@1'] })],
    ['nobody let it go on', 'I15', commit(3, { took: ['CallSettled k.settled'] })],
    ['an order is answered, and nowhere', 'I15', line('ordered', { id: 'x', outcome: 'held' })],
    [
      'a prompt of then is open again',
      'I15',
      commit(3, { took: ['OperatorCommand r'], from: 1, prompt: 'one' })
    ],
    ['an erased one is left in a list', 'I15', line('erased', { epoch: 'f', outcome: 'index' })],
    [
      'what nobody damaged is recovered',
      'I4',
      commit(3, { ...hold, took: ['OperatorCommand x'], recovers: true, from: 1 })
    ]
  ] as const
  for (const [what, invariant, lines] of broken)
    it(`is found broken where ${what}`, () => {
      const set = { timers: ['t@1'], prompt: 'one' }
      const begun = [
        ...commit(1, { took: ['Inbound m1'], ...set }),
        ...commit(2, { ...hold, ...set })
      ]

      const { violations } = checkEventLog([...begun, ...lines])

      assert.deepEqual(
        [...new Set(violations.map(violation => violation.invariant))],
        [invariant],
        JSON.stringify(violations)
      )
    })

  it('is kept where the policy holds it, until an operator lets it go on', () => {
    const byPolicy = { defers: 'Inbound m2', took: [], ...HELD, heldFor: 'cause' }
    kept(commit(1, { took: ['Inbound m1'] }), commit(2, byPolicy), commit(3, resume))

    const unasked = commit(3, { took: ['Inbound m2'] })
    const begun = [...commit(1, { took: ['Inbound m1'] }), ...commit(2, byPolicy)]

    const { violations } = checkEventLog([...begun, ...unasked])
    assert.deepEqual([...new Set(violations.map(({ invariant }) => invariant))], ['I15'])
  })

  it('is given up, held or not, where the bot fails on it again and again', () => {
    kept(
      commit(1, { took: ['Inbound m1'] }),
      commit(2, hold),
      commit(3, { took: ['Inbound m2'], parks: true, ...HELD })
    )
  })
})

describe('an erased conversation, in a log', () => {
  const begun = [...commit(1, { took: ['Inbound m1'] }), ...line('erased', { epoch: 'f' })]

  it('begins anew with the epoch of its tombstone, at version 1', () => {
    kept(begun, commit(1, { took: ['Inbound m2'], epoch: 'f', parent: null, key: 'p/x.9' }))
    for (const other of [
      { ver: 2, epoch: 'f' },
      { ver: 1, epoch: 'g' }
    ]) {
      const lines = commit(other.ver, {
        took: ['Inbound m2'],
        parent: null,
        ...other,
        key: 'p/x.9'
      })

      const { violations } = checkEventLog([...begun, ...lines])

      assert.deepEqual(
        violations.map(({ invariant }) => invariant),
        ['I3']
      )
    }
  })

  it('takes no message a second time that it took before', () => {
    const again = commit(1, { took: ['Inbound m1'], epoch: 'f', parent: null, key: 'p/x.9' })

    const { violations } = checkEventLog([...begun, ...again])

    assert.deepEqual(
      violations.map(({ invariant }) => invariant),
      ['I1']
    )
  })
})

describe('a record of the next build, in a log', () => {
  const schema = (ver: number, number: number | undefined, fields = {}): string[] => {
    const [tried = '', stored = '{}'] = commit(ver, { took: [`Inbound m${ver}`], ...fields })
    return [tried, JSON.stringify({ ...JSON.parse(stored), schema: number })]
  }
  const begun = [...schema(1, undefined), ...schema(2, 2, { migrated: 2 })]

  it('is taken over once, and written by no older build from then on', () => {
    kept(begun, schema(3, 2), commit(4, { defers: 'Inbound m4', took: [], digest: undefined }))
    kept(begun, line('damaged', { ver: 2 }), schema(3, undefined, { recovers: true }))

    const { violations } = checkEventLog([...begun, ...schema(3, undefined)])

    assert.deepEqual(
      violations.map(({ invariant, detail }) => [invariant, detail]),
      [['I4', 'version 3 has schema 1, the one before had 2']]
    )
  })

  it('is decided on by no process that was born with an older one', () => {
    const born = (name: string, number?: number) => line('born', { id: name, schema: number })
    kept(born('p'), born('p', 2), begun, schema(3, 2, { key: 'p/x.3' }))

    const { violations } = checkEventLog([
      ...born('p', 2),
      ...born('q'),
      ...begun,
      ...schema(3, 2, { key: 'q/y.1' })
    ])

    assert.deepEqual(
      violations.map(({ invariant, detail }) => [invariant, detail]),
      [['I4', 'version 3 has schema 2, its build knows 1']]
    )
  })
})

describe('a due time that is settled, in a log', () => {
  const asleep = line('settled', { asleep: 5_000 })

  it('may be no later than a timer, unless its record is spoilt', () => {
    const begun = commit(1, { took: ['Inbound m1'] })
    const accused = (...lines: readonly string[]): readonly string[] =>
      checkEventLog([...begun, ...lines]).violations.map(({ invariant }) => invariant)

    assert.deepEqual(accused(...asleep), ['L1'])
    assert.deepEqual(accused(...line('damaged', { ver: 1 }), ...asleep), [])
  })
})

describe('a damaged record, in a log', () => {
  const begun = [
    ...commit(1, { took: ['Inbound m1'] }),
    ...commit(2, { took: ['Inbound m2'], opens: 'k', effect: true, waits: true }),
    ...line('damaged', { ver: 2 })
  ]

  it('is recovered, but from no state before an effect', () => {
    const recovery = { took: ['Inbound m3'], recovers: true, parks: true }
    kept(begun, commit(3, recovery))

    const { violations } = checkEventLog([...begun, ...commit(3, { ...recovery, from: 1 })])

    assert.deepEqual(
      violations.map(({ invariant }) => invariant),
      ['I9']
    )
  })
})

function kept(...parts: readonly (readonly string[])[]): void {
  assert.deepEqual(checkEventLog(parts.flat()).violations, [])
}
