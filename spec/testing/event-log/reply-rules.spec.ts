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

const KEY = 'conversation.e.1.5-x'
const told = (kind: 'out.offer' | 'out.took' | 'out.unkept', outcome?: string): string[] =>
  line(kind, { key: KEY, digest: 'first', outcome })
const refused = [
  ...commit(1, { took: ['Inbound m1'], out: [[5, 'first']] }),
  ...told('out.offer'),
  ...told('out.took', 'refused')
]
const parks = commit(2, {
  took: [`ReplyRefused ${KEY}.refused`],
  refused: [KEY],
  through: 1,
  first: 2
})
const again = commit(3, {
  took: ['OperatorCommand redrive'],
  resends: KEY,
  out: [[9, 'first']],
  first: 2
})

describe('replies that are refused for good, in a log', () => {
  const accused = (lines: readonly string[]): readonly string[] =>
    checkEventLog(lines).violations.map(({ detail }) => detail)

  it('are parked by the commit that acknowledges them', () => {
    assert.deepEqual(accused([...refused, ...parks]), [])
  })

  it('are lost when they are acknowledged and not parked, in a commit or without one', () => {
    const carried = commit(2, { took: ['Inbound m2'], through: 1, first: 2 })
    const marked = line('marked', { epoch: 'e', through: 1 })
    const lost = `the reply ${KEY} was acknowledged although it was refused, and not parked`

    assert.deepEqual(accused([...refused, ...carried]), [lost])
    assert.deepEqual(accused([...refused, ...marked]), [lost])
  })

  it('need not be parked where that was told, and only they', () => {
    const unkept = told('out.unkept')
    const marked = line('marked', { epoch: 'e', through: 1 })

    assert.deepEqual(accused([...refused, ...unkept, ...marked]), [])
    assert.deepEqual(accused([...refused.slice(0, -1), ...unkept, ...marked]), [
      `the reply ${KEY} was acknowledged before it was taken`
    ])
  })

  it('may be acknowledged anew after a rollback of the store that took their parking along', () => {
    const restored = line('restored', { epoch: 'e', ver: 1, key: 'p/x.1', first: 2, through: 0 })
    const marked = line('marked', { epoch: 'e', through: 1 })

    assert.deepEqual(accused([...refused, ...parks, ...restored, ...marked]), [])
  })

  it('are offered once where the commit that made them owed again lands twice', () => {
    const sent = told('out.took', 'sent')
    const marked = line('marked', { epoch: 'e', through: 2 })
    const restored = line('restored', { epoch: 'e', ver: 2, key: 'p/x.2', first: 2, through: 1 })
    const whole = [...refused, ...parks, ...again, ...told('out.offer'), ...sent, ...marked]

    assert.deepEqual(accused([...whole, ...restored, ...again, ...marked]), [])
    assert.deepEqual(accused([...refused, ...parks, ...again, ...marked]), [
      `the reply ${KEY} was acknowledged before it was taken`
    ])
  })

  it('are parked once, and nothing else is', () => {
    const twice = commit(3, { took: [], refused: [KEY], first: 2 })
    const unrefused = refused.slice(0, -1)

    assert.deepEqual(accused([...refused, ...parks, ...twice]), [
      `the reply ${KEY} is parked twice`
    ])
    assert.deepEqual(accused([...unrefused, ...parks]), [
      `the reply ${KEY} is parked, never refused`
    ])
  })

  it('may be owed again under their key, and then are as any other', () => {
    const offered = [...refused, ...parks, ...again, ...told('out.offer')]
    const done = line('marked', { epoch: 'e', through: 2 })

    assert.deepEqual(accused([...offered, ...told('out.took', 'sent'), ...done]), [])
    assert.deepEqual(accused([...offered, ...done]), [
      `the reply ${KEY} was acknowledged before it was taken`
    ])
    const { violations } = checkEventLog([...refused, ...parks, ...again], { isHealed: true })
    assert.ok(violations.some(({ detail }) => detail === `the reply ${KEY} was never offered`))
  })

  it('are kept when they are one to drop by then', () => {
    const offered = [...refused, ...parks, ...again, ...told('out.offer')]
    const dropped = [...offered, ...told('out.took', 'dropped')]
    const kept = commit(4, { took: [], refused: [KEY], through: 2, first: 3 })

    assert.deepEqual(accused([...dropped, ...kept]), [])
    assert.equal(accused([...dropped, ...line('marked', { epoch: 'e', through: 2 })]).length, 1)
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
