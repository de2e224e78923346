import assert from 'node:assert/strict'
import { checkEventLog } from '../../../lib/testing/check-event-log.ts'
import { commit, line } from './lines.ts'

type Fields = Parameters<typeof commit>[1]

/** A conversation in which something waits, then damaged, and the message that begins anew. */
function begunAnew(
  waiting: readonly string[],
  begins: Fields = {},
  first: Fields = {}
): readonly string[] {
  const took = ['Inbound m9']
  return [
    ...commit(1, { took: ['Inbound m1'], ...first }),
    ...waiting.flatMap((defers, row) => commit(row + 2, { defers, digest: undefined })),
    ...line('damaged', { ver: waiting.length + 1 }),
    ...commit(waiting.length + 2, { took, recovers: true, parks: true, ...begins })
  ]
}

function accused(lines: readonly string[]): readonly string[] {
  const { violations } = checkEventLog(lines)
  return violations.flatMap(({ invariant, detail }) => (invariant === 'I7' ? detail : []))
}

describe('the order in which messages were taken, as a log tells it', () => {
  it('lets the message that begins anew pass what is no message', () => {
    assert.deepEqual(accused(begunAnew(['Told t1', 'Told t2'])), [])
    assert.deepEqual(accused(begunAnew(['OperatorCommand o1'])), [])
    assert.deepEqual(accused(begunAnew(['Told t1'], { took: ['Inbound m9', 'Told t1'] })), [])
  })

  it('lets it pass also what the host said and an operator lets run again', () => {
    const lines = [
      ...commit(1, { took: ['Told t1'], parks: true }),
      ...commit(2, { took: [], redrives: 't1' }),
      ...line('damaged', { ver: 2 }),
      ...commit(3, { took: ['Inbound m9'], recovers: true, parks: true }),
      ...commit(4, { took: ['Told t1'] })
    ]
    assert.deepEqual(accused(lines), [])
  })

  it('lets nothing pass a message that waits', () => {
    for (const waiting of [['Inbound m2'], ['Told t1', 'Inbound m2'], ['Inbound m2', 'Told t1']]) {
      const [first = ''] = waiting
      assert.deepEqual(accused(begunAnew(waiting)), [
        `version ${waiting.length + 2} took m9 although ${first.split(' ')[1]} came first`
      ])
    }
  })

  it('lets nothing pass that waited for a call, which nobody waits for any more', () => {
    const called = { waits: true, opens: 'k' }
    assert.deepEqual(accused(begunAnew(['Inbound m2'], {}, called)), [
      'version 3 took m9 although m2 came first'
    ])
    assert.deepEqual(accused(begunAnew(['Inbound m2'], {}, { ...called, held: true })), [])
  })

  it('asks for the order of a message that is decided, and of what the host says', () => {
    for (const begins of [
      { parks: false },
      { recovers: false },
      { from: 1 },
      { took: ['Told t9'] }
    ])
      assert.match(accused(begunAnew(['Told t1'], begins))[0] ?? '', /although t1 came first$/)
  })

  it('asks for the order of what is taken behind the message that begins anew', () => {
    for (const took of [['Told t2', 'Told t1'], ['Told t2']]) {
      const begins = { took: ['Inbound m9', ...took] }
      assert.deepEqual(accused(begunAnew(['Told t1', 'Told t2'], begins)), [
        't2 was taken before t1'
      ])
    }
  })
})
