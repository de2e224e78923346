import assert from 'node:assert/strict'
import { checkEventLog } from '../../../lib/testing/check-event-log.ts'
import { commit, line } from './lines.ts'

const KEY = 'the-key'
const first = commit(1, { took: ['Inbound m0'] })
const opens = (proc: string): string[] =>
  commit(2, { key: `${proc}.2`, took: ['Inbound m1'], opens: KEY })
const settles = commit(3, {
  parent: 'p/x.2',
  took: [`CallSettled ${KEY}.settled`],
  closes: [KEY]
})
const runs = (proc: string): string[] =>
  line('effect.try', { proc, id: 'look', key: KEY, ver: 1, digest: 'input' })
const accused = (lines: readonly string[]): readonly string[] =>
  checkEventLog(lines).violations.map(({ detail }) => detail)

describe('calls whose result is stored, in a log', () => {
  const again = `call look ${KEY} is made again after its result was stored`
  const ended = [...first, ...opens('p/x'), ...runs('p/x'), ...settles]

  it('are made again by nobody who knows of the result', () => {
    const loaded = line('load', { proc: 'q/y', ver: 3, key: 'p/x.3' })

    assert.deepEqual(accused([...ended, ...loaded, ...runs('q/y')]), [again])
  })

  it('are made again by one whose own commit the store has lost, and who cannot know', () => {
    const lost = [
      ...first,
      ...opens('q/y'),
      ...line('restored', { ver: 1 }),
      ...opens('p/x'),
      ...runs('p/x'),
      ...settles
    ]
    const toldLate = line('commit.ok', { proc: 'q/y', ver: 2, key: 'q/y.2' })
    const toldMore = line('commit.ok', { proc: 'q/y', ver: 3, key: 'p/x.3' })

    assert.deepEqual(accused([...lost, ...toldLate, ...runs('q/y')]), [])
    assert.deepEqual(accused([...lost, ...toldMore, ...runs('q/y')]), [again])
  })

  it('are made again by one who knew more before the store lost it', () => {
    const far = [
      ...first,
      ...opens('p/x'),
      ...commit(3, { parent: 'p/x.2', key: 'q/y.3', took: ['Inbound m9'] }),
      ...line('commit.ok', { proc: 'q/y', ver: 3, key: 'q/y.3' }),
      ...line('restored', { ver: 2 }),
      ...settles
    ]

    assert.deepEqual(accused([...far, ...runs('q/y')]), [])
  })
})
