import assert from 'node:assert/strict'
import { Secret } from '../../lib/kernel/secret.ts'
import { operatorOf } from '../../lib/ops/operator.ts'
import { EventLog } from '../../lib/runtime/event-log.ts'
import { aWorld } from '../support/a-world.ts'

interface Line {
  readonly seq: number
  readonly proc: string
  readonly kind: string
  readonly [field: string]: unknown
}

async function talked(words: readonly string[]) {
  const world = aWorld()
  const lines: Line[] = []
  const process = await world.start({ eventLog: line => lines.push(JSON.parse(line) as Line) })
  for (const [index, word] of words.entries()) {
    await process.say(`m${index}`, word)
    await world.settle()
  }
  return { lines, process, world }
}

function digests() {
  const clock = { nowMs: () => 0, monotonicMs: () => 0 }
  const idKey = new Uint8Array(32)
  const log = new EventLog({ write: () => {}, clock, process: 'p', idKey, onThrow: assert.fail })
  return { digest: (value: unknown) => log.digest(value) }
}

describe('the event log of a runtime', () => {
  it('tells of a turn from its arrival to its reply, one line an event', async () => {
    const { lines } = await talked(['hi'])

    const kinds = lines.map(({ kind }) => kind)
    const expected = 'start recv load handler.start handler.end commit.try commit.ok out.offer'
    assert.deepEqual(kinds.slice(0, 8), expected.split(' '))
    assert.deepEqual(kinds.slice(8).toSorted(), ['acked', 'out.mark', 'out.took'])
    assert.deepEqual(
      lines.map(({ seq }) => seq),
      lines.map((_, index) => index + 1)
    )
    assert.equal(new Set(lines.map(({ proc }) => proc)).size, 1)
    assert.equal(lines[0]?.['layout'], 1)
  })

  it('tells only what the conversation itself reads, not what others look at', async () => {
    const { lines, process } = await talked(['hi'])
    const told = lines.length

    assert.equal((await process.chat().inspect())?.version, 1)
    await operatorOf(process.runtime).inspect(process.chat().id)
    await operatorOf(process.runtime).parkedEvents(process.chat().id)

    assert.deepEqual(lines.slice(told), [])
  })

  it('shows that each state was decided on the one before', async () => {
    const { lines } = await talked(['hi', 'remind 5000', 'hi'])

    const tries = lines.filter(({ kind }) => kind === 'commit.try')
    const starts = lines.filter(({ kind }) => kind === 'handler.start')
    assert.deepEqual(
      starts.slice(1).map(({ digest }) => digest),
      tries.slice(0, -1).map(({ digest }) => digest)
    )
    assert.deepEqual(
      tries.slice(1).map(({ parent }) => parent),
      tries.slice(0, -1).map(({ key }) => key)
    )
    const [timer, ...more] = (tries[1]?.['timers'] ?? []) as readonly string[]
    assert.match(timer ?? '', /^m1@\d{7}$/)
    assert.deepEqual(more, [])
  })

  it('knows a value by its JSON, whatever the order of its keys', () => {
    const { digest } = digests()
    const one = { b: [1, undefined, { y: null, x: 'é"' }], a: -0.5, left: undefined }

    assert.equal(digest(one), digest({ a: -0.5, b: [1, null, { x: 'é"', y: null }] }))
    assert.equal(digest(new Date(7)), digest(new Date(7).toJSON()))
    assert.equal(digest(Secret.of('one')), digest(Secret.of('other')))
    assert.equal(digest(undefined), digest(null))
    const others = [one, { ...one, a: 0.5 }, { ...one, b: [] }, [], {}, null, '', '{}', 0, false]
    assert.equal(new Set(others.map(digest)).size, others.length)
  })

  it('names what a message was, never what it said', async () => {
    const { lines } = await talked(['my secret word', 'say 3'])

    assert.doesNotMatch(JSON.stringify(lines), /secret/)
    const replies = (lines.findLast(({ out }) => out !== undefined)?.['out'] ?? []) as unknown[]
    assert.equal(replies.length, 3)
  })

  it('cannot harm a turn', async () => {
    const world = aWorld()
    const process = await world.start({
      eventLog: () => {
        throw new Error('disk full')
      }
    })

    assert.equal((await process.say('m1')).tag, 'committed')
    assert.ok(process.log.some(line => line.includes('events.failed')))
  })
})
