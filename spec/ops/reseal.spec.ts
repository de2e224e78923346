import assert from 'node:assert/strict'
import { isRight } from 'fp-ts/lib/Either.js'
import { systemClock } from '../../lib/kernel/clock.ts'
import { fail, failure, failureOf } from '../../lib/kernel/failure.ts'
import { systemRandom } from '../../lib/kernel/random.ts'
import { operatorOf } from '../../lib/ops/operator.ts'
import { reseal } from '../../lib/ops/reseal/reseal.ts'
import { aad, parkedRow, readCallRow } from '../../lib/runtime/rows.ts'
import { decodeRecord, encodeRecord } from '../../lib/store/envelope.ts'
import { keyRing } from '../../lib/store/seal.ts'
import { memoryStore } from '../../lib/testing/memory-store.ts'
import { aCommit, begun, done } from '../../lib/testing/store-contract/store-check.ts'
import { aRecord } from '../support/a-record.ts'
import { until } from '../support/a-world.ts'
import { told } from '../support/told-conversation.ts'

const OLD = new Uint8Array(32)
const NEW = new Uint8Array(32).fill(9)
const oldRing = keyRing({ active: 'k', keys: { k: OLD, n: NEW } })
const newRing = keyRing({ active: 'n', keys: { k: OLD, n: NEW } })
const newOnly = keyRing({ active: 'n', keys: { n: NEW } })
const PAYING = ['hi', 'first option', 'amount', 'handle', 'first option'] as const

describe('keys that are rotated', () => {
  it('are rotated while two processes serve, and nothing is lost', async () => {
    const { world, process, again, happen } = await told()
    for (const each of PAYING) await happen(each)
    const { id } = process.chat()
    // One that has the new key and seals with the old one, one that seals with the new one.
    const processes = [await again({}, oldRing), await again({}, newRing)]
    const taken: string[] = []
    for (let n = 1; n <= 12; n += 1) {
      const message = { id: `r${n}`, content: { kind: 'text', text: 'hi' } as const }
      const receipt = await until(world.clock, processes[n % 2]!.chat().receive(message))
      assert.ok(['committed', 'deferred'].includes(receipt.tag), receipt.tag)
      taken.push(message.id)
      if (n === 6) assert.equal((await operatorOf(processes[1]!.runtime).reseal()).busy, 0)
      await world.pass(50)
    }
    processes[0]!.kill()
    assert.deepEqual((await operatorOf(processes[1]!.runtime).reseal()).left, {})
    processes[1]!.kill()

    const last = await again({}, newOnly)

    assert.deepEqual([...sealedBy(await world.model.export(id))], ['n'])
    assert.ok(!JSON.stringify(await operatorOf(last.runtime).export(id)).includes('unreadable'))
    assert.equal((await last.chat().inspect())?.recovery, undefined)
    for (const message of taken) {
      const receipt = await until(world.clock, last.say(message))
      assert.equal(receipt.tag, 'duplicate', message)
    }
  })

  it('are sealed anew by a walk, after which the old one may go', async () => {
    const { world, process, again, happen } = await told()
    for (const each of PAYING) await happen(each)
    await happen('nonsense')
    const { id } = process.chat()
    const before = await world.model.export(id)
    assert.ok(sealedBy(before).has('k'))
    const second = await again({}, newRing)
    const ops = operatorOf(second.runtime)
    const readable = await ops.export(id)

    const report = await ops.reseal()

    const { seen, resealed, busy, left } = report
    assert.deepEqual({ seen, resealed, busy, left }, { seen: 1, resealed: 1, busy: 0, left: {} })
    const after = await world.model.export(id)
    assert.deepEqual([...sealedBy(after)], ['n'])
    assert.deepEqual([after.fence?.version, after.fence?.head], versionOf(before))
    assert.equal(after.calls.length, 1)
    for (const { key, row } of after.calls) {
      const place = { conversation: id, epoch: after.fence!.epoch }
      assert.equal(readCallRow(newOnly, place, key, row).name, 'pay')
    }
    assert.deepEqual(await ops.export(id), readable)
    second.kill()
    const third = await again({}, newOnly)
    assert.deepEqual(await operatorOf(third.runtime).export(id), readable)
    const message = { id: 'late', content: { kind: 'text', text: 'hi' } as const }
    const receipt = await until(world.clock, third.chat().receive(message))
    assert.ok(['committed', 'deferred'].includes(receipt.tag), receipt.tag)
  })

  it('are sealed anew although the store is away for a while, each text once', async () => {
    const { world, happen, again, process } = await told()
    for (const each of PAYING) await happen(each)
    const second = await again({}, newRing)
    world.store.plan('list', { fail: 'before' }, { times: 3 })
    world.store.plan('export', { fail: 'before' }, { times: 3 })
    world.store.plan('rewrite', { fail: 'after' }, { times: 3 })

    const report = await until(world.clock, operatorOf(second.runtime).reseal())

    assert.deepEqual([report.resealed, report.busy, report.left], [1, 0, {}])
    assert.deepEqual([...sealedBy(await world.model.export(process.chat().id))], ['n'])
  })

  it('are given up with the error of a store that stays away', async () => {
    const { world, happen, again } = await told()
    await happen('hi')
    const second = await again({}, newRing)
    world.store.plan('list', { fail: 'before' }, { times: 10_000 })
    const beganMs = world.clock.nowMs()

    const failed = operatorOf(second.runtime)
      .reseal()
      .catch((error: unknown) => failureOf(error)?.code)

    assert.equal(await until(world.clock, failed), 'CHP_STORE_UNAVAILABLE')
    const tookMs = world.clock.nowMs() - beganMs
    assert.ok(tookMs > 25_000 && tookMs <= 31_000, String(tookMs))
  })

  it('are sealed anew in what is parked, events and records', async () => {
    const store = memoryStore()
    const { id, fence } = await begun(store)
    const { epoch } = fence
    const place = { conversation: id, epoch }
    const content = { kind: 'text', text: 'hi' } as const
    const event = { kind: 'Inbound', id: 'm1', content, arrivedAtMs: 1 } as const
    const failed = failure('CHP_DECIDE_THREW', 'planned')
    const at = { at: 1, where: 'MENU', fault: null }
    const park = parkedRow(oldRing, place, { event, failed, ...at })
    const unreadable = encodeRecord(aRecord(), { ...place, version: 1, ring: oldRing })
    const { fence: now } = await done(store, id, aCommit(fence, { unreadable, park }))
    const desk = { store, ring: newRing, clock: systemClock, random: systemRandom }

    const report = await reseal(desk)

    assert.deepEqual([report.resealed, report.left], [1, {}])
    assert.deepEqual((await store.load(id)).fence, now)
    const [record = '', parked = ''] = await store.parked(id)
    const reading = { conversation: id, ring: newOnly, schema: 1 }
    assert.equal(decodeRecord(record, reading).tag, 'decoded')
    const { sealed } = JSON.parse(parked) as { readonly sealed: string }
    const opened = newOnly.open(sealed, aad(place, 'parked'))
    assert.deepEqual(isRight(opened) ? JSON.parse(opened.right) : opened, event)
  })

  it('count a conversation that the store cannot read, and go on', async () => {
    const { world, process, again, happen } = await told()
    await happen('hi')
    const { id } = process.chat()
    const second = await again({}, newRing)
    const whole = world.model.export.bind(world.model)
    world.model.export = async () => fail('CHP_RECORD_CORRUPT', 'planned')

    const ops = operatorOf(second.runtime)
    const report = await ops.reseal()
    world.model.export = whole

    assert.deepEqual([report.seen, report.damaged, report.resealed], [1, 1, 0])
    assert.ok(sealedBy(await whole(id)).has('k'))
    assert.deepEqual([(await ops.reseal()).resealed, (await ops.reseal()).damaged], [1, 0])
  })

  it('count what no key here opens, and leave it as it is', async () => {
    const { world, process, again, happen } = await told()
    for (const each of PAYING) await happen(each)
    const { id } = process.chat()
    const before = await world.model.export(id)
    const second = await again({}, newOnly)
    const ops = operatorOf(second.runtime)

    const report = await ops.reseal()

    assert.equal(report.resealed, 0)
    assert.ok((report.left['k'] ?? 0) >= 2)
    assert.deepEqual(await world.model.export(id), before)
    const message = { id: 'waits', content: { kind: 'text', text: 'hi' } as const }
    assert.equal((await until(world.clock, second.chat().receive(message))).tag, 'deferred')
    const third = await again({}, newRing)
    await world.pass(30_000)
    assert.equal((await third.chat().inspect())?.recovery, undefined)
    assert.deepEqual((await operatorOf(third.runtime).reseal()).left, {})
  })
})

type Stored = Awaited<ReturnType<Awaited<ReturnType<typeof told>>['world']['model']['export']>>

function sealedBy(stored: Stored): ReadonlySet<string> {
  const { slots, history, calls, inbox, parked } = stored
  const rows = [...history, ...calls, ...inbox].map(({ row }) => row)
  const texts = [...slots, ...parked, ...rows].join('\n')
  const inFields = texts.matchAll(/sealed\\?":\\?"([a-z]+)\./g)
  const inRows = texts.matchAll(/(?:"input":"|^)([kn])\./gm)
  return new Set([...inFields, ...inRows].map(([, key]) => key!))
}

function versionOf({ fence }: Stored): readonly unknown[] {
  return [fence?.version, fence?.head]
}
