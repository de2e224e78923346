import assert from 'node:assert/strict'
import { checkEventLog } from '../../../lib/testing/check-event-log.ts'
import { commit, line } from './lines.ts'

/** A damaged conversation in which something waits, and the message that then begins anew. */
function begunAnew(waiting: readonly string[], begins: object): readonly string[] {
  return [
    ...commit(1, { took: ['Inbound m1'] }),
    ...waiting.flatMap((defers, row) => commit(row + 2, { defers, digest: undefined })),
    ...line('damaged', { ver: waiting.length + 1 }),
    ...commit(waiting.length + 2, { took: ['Inbound m9'], recovers: true, parks: true, ...begins })
  ]
}

describe('what a log tells of the order in which messages were taken', () => {
  const details = (lines: readonly string[]): readonly string[] =>
    checkEventLog(lines).violations.map(({ detail }) => detail)

  it('lets the message that begins anew pass what only the host has said', () => {
    assert.deepEqual(details(begunAnew(['Told t1', 'Told t2'], {})), [])
  })

  it('lets nothing pass a message that waits, and the host no order of its own', () => {
    for (const waiting of [['Inbound m2'], ['Told t1', 'Inbound m2'], ['Inbound m2', 'Told t1']]) {
      const [first = ''] = waiting
      assert.deepEqual(details(begunAnew(waiting, {})), [
        `version ${waiting.length + 2} took m9 although ${first.split(' ')[1]} came first`
      ])
    }
  })

  it('asks for the order of a message that is decided, and of what the host says', () => {
    for (const begins of [{ parks: false }, { recovers: false }, { took: ['Told t9'] }]) {
      assert.match(details(begunAnew(['Told t1'], begins))[0] ?? '', /although t1 came first$/)
    }
  })
})
