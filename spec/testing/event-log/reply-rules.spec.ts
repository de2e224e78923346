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
