import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { systemClock } from '../../../lib/kernel/clock.ts'
import { operatorOf } from '../../../lib/ops/operator.ts'
import type { ParkedEvent } from '../../../lib/ops/parked-events.ts'
import { EventLog } from '../../../lib/runtime/event-log.ts'
import { observedStore } from '../../../lib/runtime/observed-store.ts'
import type { ConversationStore } from '../../../lib/store/conversation-store.ts'
import { checkEventLog } from '../../../lib/testing/check-event-log.ts'
import { type EventLine, eventLines } from '../../../lib/testing/event-log/event-line.ts'
import { aCommit } from '../../../lib/testing/store-contract/store-check.ts'
import { aWorld, until } from '../../support/a-world.ts'
import { chainProgram, foldOf } from '../../support/chain-program.ts'
import { commit } from './lines.ts'

const BY = { by: 'eve', reason: 'mended' } as const

/** How a log tells of the stored order of a life, though its commit were without the message. */
async function toldWithout({ world, who }: Awaited<ReturnType<typeof redrivenLife>>) {
  const { slots, history } = await world.model.export(who)
  const order = history.find(({ row }) => row.includes('"redriven"'))?.row ?? ''
  const told: string[] = []
  const log = new EventLog({
    write: line => told.push(line),
    clock: systemClock,
    process: 'p/x',
    idKey: randomBytes(32),
    onThrow: assert.fail
  })
  const store = { commit: async () => ({ tag: 'duplicate' }) } as unknown as ConversationStore
  await observedStore(store, log).commit(
    who,
    aCommit(null, { record: slots[0] ?? '', history: order })
  )
  return eventLines(told).find(({ kind }) => kind === 'commit.try')
}

/** The log of a process in which a message was given up and run again. */
async function redrivenLife() {
  let isIll = true
  const bot = chainProgram({
    hook: (_state, event) => (isIll && event.id === 'm1' ? assert.fail('broken') : undefined)
  })
  const world = aWorld()
  const lines: string[] = []
  const process = await world.start({
    bot,
    policy: { rules: [{ do: 'park' }] },
    eventLog: line => lines.push(line)
  })
  for (const id of ['m0', 'm1', 'm2']) await until(world.clock, process.say(id))
  isIll = false
  const ops = operatorOf(process.runtime)
  const who = process.chat().id
  const [parked] = (await until(world.clock, ops.parkedEvents(who))) as readonly ParkedEvent[]
  await until(world.clock, ops.redrive(who, parked?.key ?? '', BY))
  await world.pass(3_000)
  await until(world.clock, process.say('m3'))
  assert.equal((await process.chat().inspect())?.data['chain'], foldOf(['m0', 'm2', 'm1', 'm3']))
  return { lines, world, who }
}

describe('a message that was given up and run again, in a log', () => {
  it('is not one taken twice, in the log that the runtime wrote', async () => {
    const { lines } = await redrivenLife()

    assert.equal(lines.filter(line => line.includes('"redrives":"m1"')).length > 0, true)
    assert.deepEqual(checkEventLog(lines, { isHealed: true }).violations, [])
  })

  it('is told as such by the order, which may not forget it', async () => {
    const told: EventLine | undefined = await toldWithout(await redrivenLife())

    assert.deepEqual([told?.redrives, told?.resends], ['m1', undefined])
  })

  it('is taken twice where nobody wanted that, or twice where it was wanted once', async () => {
    const { lines } = await redrivenLife()
    const unasked = lines.map(line => line.replace('"redrives":"m1",', ''))
    const last = lines.findLastIndex(line => line.includes('"Inbound m3"'))
    const twice = lines.map((line, at) => (at >= last ? line.replaceAll('m3', 'm1') : line))

    for (const broken of [unasked, twice]) {
      const { violations } = checkEventLog(broken, { isHealed: true })
      const [first] = violations.filter(({ invariant }) => invariant === 'I1')
      assert.match(first?.detail ?? JSON.stringify(violations), /m1 is in version \d+ again/)
    }
  })

  it('may be wanted by an operator of whom the log does not tell, in a version of his', () => {
    const ok = (ver: number, fields: Parameters<typeof commit>[1]): string[] => {
      const [tried = ''] = commit(ver, fields)
      return [tried, tried.replace('"commit.try"', '"commit.ok"')]
    }
    const begun = [
      ...ok(1, { took: ['Inbound m1'], parks: true }),
      ...ok(2, { took: ['Inbound m2'] })
    ]
    const known = checkEventLog([...begun, ...ok(3, { took: ['Inbound m1'] })])
    const beside = checkEventLog([...begun, ...ok(4, { took: ['Inbound m1'], parent: 'ops/y.1' })])
    const other = checkEventLog([...begun, ...ok(4, { took: ['Inbound m2'], parent: 'ops/y.1' })])

    const invariants = [known, beside, other].map(({ violations }) =>
      violations.map(({ invariant }) => invariant)
    )
    assert.deepEqual(invariants, [['I1'], [], ['I1']])
  })
})
