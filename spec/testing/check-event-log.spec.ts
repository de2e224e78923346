import assert from 'node:assert/strict'
import { failureOf } from '../../lib/kernel/failure.ts'
import { checkEventLog } from '../../lib/testing/check-event-log.ts'
import type { InvariantName } from '../../lib/testing/event-log/verdict.ts'
import { simulate } from '../../lib/testing/sim/simulate.ts'

type Line = Record<string, unknown> & { kind: string; conv?: string; key?: string; took?: string[] }
type Tampering = (lines: Line[]) => Line[]

const OPTIONS = { idsAreGlobal: true, canaries: ['sesame'] }

describe('the checker of event logs', () => {
  let whole: readonly string[]
  before(async () => {
    whole = (await lifeWith(/"TimerDue /, /"closes"/, /"defers"/)).lines
  })

  it('finds nothing in what the runtime wrote', () => {
    const { violations, commits, conversations } = checkEventLog(whole, OPTIONS)

    assert.deepEqual(violations, [])
    assert.ok(commits > 20)
    assert.ok(conversations >= 3)
  })

  for (const [what, invariant, tampered] of tamperings())
    it(`sees that ${what}`, () => {
      const lines = tampered(whole.map(line => JSON.parse(line) as Line))
      const { violations } = checkEventLog(
        lines.map(line => JSON.stringify(line)),
        OPTIONS
      )

      assert.ok(
        violations.some(violation => violation.invariant === invariant),
        `${invariant} is not among ${violations.map(one => one.invariant).join(' ')}`
      )
    })

  it('takes time in proportion to the lines', () => {
    /** Processor time of the quickest of three, in µs: what else the machine does costs none. */
    const took = (times: number): number => {
      const lines = Array.from({ length: times }, () => whole).flat()
      const once = (): number => {
        const before = process.cpuUsage()
        checkEventLog(lines, OPTIONS)
        const { user, system } = process.cpuUsage(before)
        return user + system
      }
      return Math.min(once(), once(), once())
    }
    took(4)

    assert.ok(took(32) < 40 * Math.max(4_000, took(4)))
  })

  it('refuses lines of another layout, and what is no event, by the number of the line', () => {
    const other = whole.map(line => line.replace('"layout":1', '"layout":7'))

    assert.throws(() => checkEventLog(other), /layout 7 in line \d+; this version reads layout 1/)
    assert.throws(() => checkEventLog([whole[0]!, 'no json']), /Line 2 of the event log is no/)
    assert.throws(() => checkEventLog(['{"a":1}']), /Line 1 of the event log is no event/)
  })

  it('refuses an event of a kind that nobody writes, by its line', () => {
    for (const kind of ['commit.tried', 'toString', ''])
      assert.throws(
        () => checkEventLog([whole[0]!, '', JSON.stringify({ ...JSON.parse(whole[0]!), kind })]),
        refusal(`Line 3 of the event log has the kind "${kind}", which is none of layout 1.`)
      )
  })

  it('quotes what it refuses shortly, in one line', () => {
    const long = `\n${'x'.repeat(900)}`
    for (const odd of [{ kind: long }, { kind: 'start', layout: long }])
      assert.throws(
        () => checkEventLog([JSON.stringify({ proc: 'p', ...odd })]),
        ({ message }: Error) => message.length < 200 && !message.includes('\n')
      )
  })

  it('refuses a log that tells nothing', () => {
    for (const lines of [[], [''], ['  ', '']])
      assert.throws(() => checkEventLog(lines), refusal('The event log holds no event.'))
  })
})

function refusal(detail: string): (error: unknown) => boolean {
  return error => {
    assert.deepEqual(failureOf(error)?.code, 'CHP_INPUT_INVALID')
    assert.equal(failureOf(error)?.detail, detail)
    return true
  }
}

async function lifeWith(...patterns: readonly RegExp[]) {
  const without = ['rollback', 'crash', 'flood', 'sendRefused'] as const
  for (let seed = 1; seed < 200; seed += 1) {
    const simulation = await simulate(seed, { without })
    const text = simulation.lines.join('\n')
    if (patterns.every(pattern => pattern.test(text))) return simulation
  }
  throw new Error('No seed has all of it.')
}

function tamperings(): readonly (readonly [string, InvariantName, Tampering])[] {
  const isMessage = ({ kind, took }: Line): boolean =>
    kind === 'commit.try' && took?.[0]?.startsWith('Inbound') === true
  return [
    ['an id takes effect twice', 'I1', lines => twice(lines, isMessage)],
    ['an acknowledged id is nowhere', 'I2', one('acked', line => ({ ...line, id: 'ghost' }))],
    ['a version is left out', 'I3', last('stored', line => ({ ...line, ver: 900 }))],
    ['a state was not decided on the one before', 'I4', last('handler.start', digested)],
    ['replies change places', 'I5', swapped],
    ['a reply is not as it was committed', 'I6', one('out.offer', digested)],
    [
      'a reply was never committed',
      'I6',
      one('out.offer', line => ({ ...line, key: `${line.key}x` }))
    ],
    ['what came later was taken first', 'I7', late],
    ['a commit is not in the store', 'I8', one('commit.ok', line => ({ ...line, key: 'p9/x.1' }))],
    ['a call has two inputs', 'I9', lines => again(lines, 'effect.try', digested)],
    ['a call was never intended', 'I9', one('effect.try', line => ({ ...line, key: 'x' }))],
    ['a timer fires early', 'I10', early],
    ['a rollback went untold', 'I11', older],
    [
      'a rollback is told that never was',
      'I11',
      lines => [...lines, { ...found(lines, 'recv'), kind: 'rollback' }]
    ],
    ['a reply went elsewhere', 'I12', one('out.offer', line => ({ ...line, conv: 'another' }))],
    ['a secret was written', 'I13', one('recv', line => ({ ...line, outcome: 'sesame' }))],
    ['the numbers of replies disagree', 'I14', one('final', line => ({ ...line, first: 900 }))],
    ['something waits for ever', 'L1', one('final', line => ({ ...line, outcome: '1 left' }))],
    ['a message never ended', 'L1', lines => [...lines, { ...found(lines, 'recv'), id: 'lost' }]],
    ['a reply was never offered', 'L2', lines => unoffered(lines)],
    ['something is left running', 'L3', lines => [...lines, { ...lines[0]!, kind: 'rest' }]],
    ['a fault spread', 'L4', lines => [...lines, { ...lines[0]!, kind: 'escalated' }]]
  ]
}

function digested(line: Line): Line {
  return { ...line, digest: 'another' }
}

function found(lines: readonly Line[], kind: string): Line {
  const line = lines.find(other => other.kind === kind)
  assert.ok(line)
  return line
}

function one(kind: string, change: (line: Line) => Line): Tampering {
  return lines => {
    const at = lines.findIndex(line => line.kind === kind)
    assert.ok(at >= 0, kind)
    return lines.with(at, change(lines[at]!))
  }
}

function last(kind: string, change: (line: Line) => Line): Tampering {
  return lines => {
    const at = lines.findLastIndex(
      line => line.kind === kind && (kind !== 'handler.start' || isLanded(lines, line))
    )
    assert.ok(at >= 0, kind)
    return lines.with(at, change(lines[at]!))
  }
}

function isLanded(lines: readonly Line[], { key = '', ver }: Line): boolean {
  const head = key.replace(/-([^-]+)$/, '.$1')
  return (
    ver !== 1 && lines.some(line => line.kind === 'stored' && line.key?.endsWith(head) === true)
  )
}

function again(lines: Line[], kind: string, change: (line: Line) => Line): Line[] {
  const line = found(lines, kind)
  const at = lines.indexOf(line)
  return lines.toSpliced(at + 1, 0, change(line))
}

/** The second message of a conversation takes the id of its first. */
function twice(lines: Line[], isMessage: (line: Line) => boolean): Line[] {
  const first = lines.find(line => isMessage(line) && isStored(lines, line))!
  const at = lines.findIndex(
    line =>
      line.key !== first.key && line.conv === first.conv && isMessage(line) && isStored(lines, line)
  )
  return retold(lines, lines[at]!, { took: first.took! })
}

/** Every try of a commit, under its one head, tells something else of it. */
function retold(lines: Line[], { key }: Line, change: Partial<Line>): Line[] {
  const isTry = (line: Line): boolean => line.kind === 'commit.try' && line.key === key
  return lines.map(line => (isTry(line) ? { ...line, ...change } : line))
}

function isStored(lines: readonly Line[], { key }: Line): boolean {
  return lines.some(line => line.kind === 'stored' && line.key === key)
}

function swapped(lines: Line[]): Line[] {
  const offers = lines.filter(({ kind }) => kind === 'out.offer')
  for (const first of offers) {
    const next = offers.find(line => line.conv === first.conv && line.key !== first.key)
    if (next === undefined) continue
    const isFresh = offers.filter(line => line.key === first.key).length === 1
    if (isFresh) return lines.toSpliced(lines.indexOf(first), 1).concat(first)
  }
  throw new Error('No conversation has two replies.')
}

/** A message waits in the inbox of a conversation that waits for nothing, and is passed. */
function late(lines: Line[]): Line[] {
  const stored = lines.filter(({ kind }) => kind === 'stored')
  for (const { conv, key } of stored) {
    const at = lines.findIndex(line => line.kind === 'commit.try' && line.key === key)
    const followers = stored.filter(line => line.conv === conv)
    const place = followers.findIndex(line => line.key === key)
    const next = lines.find(
      line => line.kind === 'commit.try' && line.key === followers[place + 1]?.key
    )
    const { waits, took = [] } = lines[at]!
    const isPassed = place < followers.length - 2 && next?.took?.[0]?.startsWith('Inbound') === true
    if (!isPassed || waits === true || took.length === 0) continue
    return retold(lines, lines[at]!, { defers: 'Inbound somebody' })
  }
  throw new Error('No conversation has two commits in a row.')
}

function early(lines: Line[]): Line[] {
  const fired = lines.findLast(
    line => line.took?.[0]?.startsWith('TimerDue ') === true && isStored(lines, line)
  )!
  const at = lines.findIndex(line => line.kind === 'stored' && line.key === fired.key)
  return lines.with(at, { ...lines[at]!, wall: 5 })
}

function older(lines: Line[]): Line[] {
  const ok = lines.findLast(line => line.kind === 'commit.ok' && line['ver'] !== undefined)!
  return [...lines, { ...ok, kind: 'commit.try', ver: 1, key: 'p9/x.2' }]
}

function unoffered(lines: Line[]): Line[] {
  const { key } = found(lines, 'out.offer')
  return lines.filter(line => line.kind !== 'out.offer' || line.key !== key)
}
