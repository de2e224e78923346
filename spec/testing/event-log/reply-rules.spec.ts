import assert from 'node:assert/strict'
import { checkEventLog } from '../../../lib/testing/check-event-log.ts'
import { commit, line } from './lines.ts'

const begun = [
  ...line('recv', { id: 'm1', byReceipt: true }),
  ...commit(1, { took: ['Inbound m1'], out: [[5, 'first']] })
]
const next = commit(2, { took: ['Inbound m2'], through: 1, first: 2 })

describe('replies that receipts carry, in a log', () => {
  it('may be acknowledged when a receipt has carried them, and not before', () => {
    const carried = line('acked', { id: 'm1', outcome: 'committed', gave: ['first'] })

    const whole = checkEventLog([...begun, ...carried, ...next])
    const early = checkEventLog([...begun, ...next])

    assert.deepEqual(whole.violations, [])
    assert.deepEqual(
      early.violations.map(({ invariant }) => invariant),
      ['L2']
    )
  })

  it('may wait in the end for their member to write again', () => {
    const { violations } = checkEventLog([...begun, ...line('acked', { id: 'm1', gave: [] })], {
      isHealed: true
    })

    assert.deepEqual(violations, [])
  })
})

/** A process is killed when its commit lands; one that knew less makes something wait above it. */
function unheard(refused: string[] = []): string[] {
  const known = { epoch: 'e', ver: 1, key: 'p/x.1' }
  const lost = { epoch: 'e', ver: 2, key: 'p/x.2', parent: 'p/x.1', digest: 'd2' }
  return [
    ...line('commit.try', { ...known, parent: null, digest: 'd1', took: ['Inbound m1'] }),
    ...line('commit.ok', { ...known, first: 1 }),
    ...line('commit.try', { ...lost, took: ['Inbound m2'], out: [[5, 'second']] }),
    ...refused,
    ...line('commit.try', {
      epoch: 'e',
      key: 'q/y.1',
      took: [],
      defers: 'Inbound m3',
      proc: 'q/y'
    }),
    ...line('commit.ok', { epoch: 'e', ver: 3, key: 'q/y.1', proc: 'q/y' }),
    ...line('out.offer', { key: 'conversation.e.1.5-x', digest: 'second', proc: 'q/y' })
  ]
}

describe('replies of a process that was killed before it told of its commit, in a log', () => {
  it('are known by the deferral that must stand on that commit', () => {
    assert.deepEqual(checkEventLog(unheard()).violations, [])
  })

  it('belong to nobody when that commit was refused', () => {
    const refused = line('commit.conflict', { epoch: 'e', ver: 2, key: 'p/x.2' })

    const { violations } = checkEventLog(unheard(refused))

    assert.deepEqual(
      violations.map(({ invariant }) => invariant),
      ['I6']
    )
  })
})
