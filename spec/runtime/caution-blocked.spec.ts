import assert from 'node:assert/strict'
import { failureOf } from '../../lib/kernel/failure.ts'
import { silentLog } from '../../lib/kernel/log.ts'
import { BlockedOthers, blockedText, saidRow } from '../../lib/runtime/blocked.ts'
import { aFleet, BLOCKED, EVENT, SUSPECT } from '../support/caution-fleet.ts'

const INNOCENT = { ...SUSPECT, event: { ...EVENT, id: 'm2' } }

describe('caution, where a watchdog has said what blocks', () => {
  it('counts the end of a process in a run that nobody had noted', async () => {
    const fleet = aFleet()
    const calm = await fleet.started('calm')
    const one = await fleet.started('one')
    await fleet.pass(4_001)
    assert.equal(calm.caution.isCautious, false)

    await one.stands('blocked')
    await fleet.pass(6_001)

    assert.deepEqual(await calm.deaths(), { runs: 1, givingUp: 0 })
    assert.deepEqual(await calm.blocked(), BLOCKED)
    assert.deepEqual(await calm.deaths(INNOCENT), { runs: 0, givingUp: 0 })
  })

  it('begins while the loop still stands: nobody else begins that run', async () => {
    const fleet = aFleet()
    const one = await fleet.started('one')
    const two = await fleet.started('two')
    await fleet.pass(4_001)

    await one.stands('blocked')
    await fleet.pass(2_001)

    assert.equal(two.caution.isCautious, true)
    await assert.rejects(two.deaths(), error => failureOf(error)?.code === 'CHP_STORE_CONTENDED')
    assert.deepEqual(await two.deaths(INNOCENT), { runs: 0, givingUp: 0 })
  })

  it('is over when the loop goes on', async () => {
    const fleet = aFleet()
    const one = await fleet.started('one')
    const two = await fleet.started('two')
    await fleet.pass(4_001)

    await one.stands('blocked')
    one.goesOn()
    await fleet.pass(6_001)

    assert.deepEqual([one.caution.isCautious, two.caution.isCautious], [false, false])
    assert.deepEqual(await two.deaths(), { runs: 0, givingUp: 0 })
  })

  it('waits for no lease once the thread ended the process, also right after a start', async () => {
    const fleet = aFleet()
    const one = await fleet.started('one')
    const two = await fleet.started('two')
    await fleet.pass(4_001)

    await one.stands('ended')
    await fleet.pass(4_001)
    assert.deepEqual(await two.deaths(), { runs: 1, givingUp: 0 })
    await fleet.pass(100)
    const again = await fleet.started('again')

    assert.deepEqual([await again.deaths(), await again.unheard()], [{ runs: 1, givingUp: 0 }, 0])
  })

  it('knows which end was one of giving the event up', async () => {
    const fleet = aFleet()
    const one = await fleet.started('one')
    const two = await fleet.started('two')
    await fleet.pass(4_001)

    await one.stands('ended', { ...SUSPECT, isGivingUp: true })
    await fleet.pass(2_001)

    assert.deepEqual(await two.deaths(), { runs: 1, givingUp: 1 })
    await two.caution.forgive(SUSPECT)
    assert.deepEqual(await two.deaths(), { runs: 0, givingUp: 0 })
  })

  it('counts also where what was said cannot be read', async () => {
    const fleet = aFleet()
    const one = await fleet.started('one')
    const two = await fleet.started('two')
    await fleet.pass(4_001)

    await one.stands('ended', SUSPECT, { ...BLOCKED, blockedMs: 'long' })
    await fleet.pass(2_001)

    assert.deepEqual([await two.deaths(), await two.blocked()], [{ runs: 1, givingUp: 0 }, null])
  })
})

describe('what blocks the others', () => {
  it('is told once while it stands, and once more when it has ended its process', () => {
    const told: unknown[] = []
    const warn = (fields: object): void => void told.push(fields)
    const others = new BlockedOthers({ ...silentLog, warn })
    const row = (word: string) => ({
      name: 'p/1',
      atMs: 1,
      row: `x ${word} ${JSON.stringify(BLOCKED)}`
    })
    const calm = { name: 'p/2', atMs: 1, row: 'x' }

    for (const word of ['blocked', 'blocked', 'ended', 'ended']) others.heard([calm, row(word)])

    const known = { process: 'p/1', ...BLOCKED }
    assert.deepEqual(told, [
      { event: 'process.blocked', ...known },
      { event: 'process.ended', ...known }
    ])
  })
})

describe('the row of a process', () => {
  it('is read with what a thread has added, and without', () => {
    const said = { run: 'x!', isEnded: false, blocked: null }
    assert.deepEqual(saidRow('x!'), said)
    assert.deepEqual(saidRow(''), { ...said, run: '' })
    assert.deepEqual(saidRow('x! blocked no json'), said)
    const where = 'A FLOW.a step'
    const told = { ...BLOCKED, where }
    const ended = { run: 'x', isEnded: true, blocked: told }
    assert.deepEqual(saidRow(`x ended ${JSON.stringify(told)}`), ended)
    assert.match(blockedText(told), /5000 ms at A FLOW\.a step \(build b\/1\)/)
  })
})
