import assert from 'node:assert/strict'
import { checkEventLog } from '../../../lib/testing/check-event-log.ts'
import { commit, line } from './lines.ts'

const KEY = 'conversation.e.1.5-x'
const BEGUN = [
  // Each process has a monotonic clock of its own; by the wall both start at the same time.
  ...line('start', { proc: 'p/x', mono: 0, wall: 9_000, layout: 1 }),
  ...line('start', { proc: 'q/y', mono: 500_000, wall: 9_000, layout: 1 }),
  // Nobody has seen the store itself.
  ...commit(1, { took: ['Inbound m1'], out: [[5, 'first']] }).slice(0, 1),
  ...line('commit.ok', { epoch: 'e', ver: 1, key: 'p/x.1', first: 1 })
]

const offer = (proc: string, atMs: number, wall = 0): string[] => {
  const mono = proc === 'p/x' ? atMs : atMs + 500_000
  return line('out.offer', { proc, key: KEY, digest: 'first', limitMs: 1_000, mono, wall })
}
const took = (proc: string): string[] => line('out.took', { proc, key: KEY, outcome: 'later' })

const accused = (...lines: readonly string[][]): readonly string[] =>
  checkEventLog([...BEGUN, ...lines.flat()]).violations.map(({ invariant }) => invariant)

describe('sends of one reply, in a log', () => {
  it('may not begin in two processes at once', () => {
    assert.deepEqual(accused(offer('p/x', 100), offer('q/y', 1_099)), ['I17'])
    assert.deepEqual(accused(offer('q/y', 100), offer('p/x', 101)), ['I17'])
  })

  it('may begin in one process after the other has ended its own, or had to', () => {
    assert.deepEqual(accused(offer('p/x', 100), took('p/x'), offer('q/y', 200)), [])
    assert.deepEqual(accused(offer('p/x', 100), offer('q/y', 1_100)), [])
    assert.deepEqual(accused(offer('p/x', 100), offer('p/x', 200)), [])
  })

  it('are placed in time by monotonic clocks: wall clocks may be set', () => {
    assert.deepEqual(accused(offer('p/x', 100), offer('q/y', 200, 3_600_000)), ['I17'])
    assert.deepEqual(accused(offer('p/x', 100, 3_600_000), offer('q/y', 1_200, 5)), [])
  })

  it('are placed by the clock of the world that bore their processes, whatever walls show', () => {
    const told = [
      ...line('born', { id: 'p', proc: 'world', mono: 0 }),
      ...line('start', { proc: 'p/x', mono: 5, wall: 9_000, layout: 1 }),
      ...line('born', { id: 'q', proc: 'world', mono: 50 }),
      ...line('start', { proc: 'q/y', mono: 5, wall: -70_000, layout: 1 })
    ]
    const beside = (mono: number): readonly string[] => {
      const other = { proc: 'q/y', key: KEY, digest: 'first', limitMs: 1_000, mono }
      const lines = [...told, ...BEGUN.slice(2), ...offer('p/x', 100), ...line('out.offer', other)]
      return checkEventLog(lines).violations.map(({ invariant }) => invariant)
    }

    assert.deepEqual(beside(1_049), ['I17'])
    assert.deepEqual(beside(1_050), [])
  })

  it('end with their process', () => {
    const killed = line('killed', { id: 'p', proc: 'world' })
    const again = line('start', { proc: 'p/z', mono: 0, wall: 9_150, layout: 1 })

    assert.deepEqual(accused(offer('p/x', 100), killed, offer('q/y', 200)), [])
    assert.deepEqual(accused(offer('p/x', 100), again, offer('q/y', 200)), [])
  })
})
