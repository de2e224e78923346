import assert from 'node:assert/strict'
import { failureOf } from '../../lib/kernel/failure.ts'
import { turns } from '../support/a-world.ts'
import { aFleet, EVENT, SUSPECT, TURN_MS } from '../support/caution-fleet.ts'

const codeOf = (error: unknown): string | undefined => failureOf(error)?.code
const NOBODY = { runs: 0, givingUp: 0 }

describe('caution', () => {
  it('is not there while every process lives or has stopped', async () => {
    const fleet = aFleet()
    const one = await fleet.started('one')
    assert.equal(one.caution.isCautious, false)

    const two = await fleet.started('two')
    await fleet.pass(4_001)
    assert.deepEqual([one.caution.isCautious, two.caution.isCautious], [false, false])
    await two.caution.stop()
    await fleet.pass(20_000)

    assert.equal(one.caution.isCautious, false)
  })

  it('begins a lease after a process ended otherwise, and lasts 10 minutes', async () => {
    const fleet = aFleet()
    const one = await fleet.started('one')
    const two = await fleet.started('two')
    await fleet.pass(4_001)
    two.end()

    await fleet.pass(8_000)
    assert.equal(one.caution.isCautious, true)
    await fleet.pass(580_000)
    assert.equal(one.caution.isCautious, true)
    await fleet.pass(20_000)
    assert.equal(one.caution.isCautious, false)
  })

  it('begins at once where a process starts behind one that ended', async () => {
    const fleet = aFleet()
    ;(await fleet.started('one')).end()

    assert.equal((await fleet.started('two')).caution.isCautious, true)
  })

  it('counts the processes that ended in a run, and then those of which nobody knows', async () => {
    const fleet = aFleet()
    ;(await fleet.started('calm')).end()
    const one = await fleet.started('one')
    assert.deepEqual(await one.deaths(), { runs: 0, givingUp: 0 })
    await one.fatal()
    const two = await fleet.started('two')

    assert.deepEqual(await two.deaths(), { runs: 2, givingUp: 0 })
    await two.fatal({ ...SUSPECT, isGivingUp: true })
    const three = await fleet.started('three')
    assert.deepEqual(await three.deaths(), { runs: 3, givingUp: 1 })
    for (const other of [
      { ...SUSPECT, conversation: 'd' },
      { ...SUSPECT, event: { ...EVENT, id: 'm2' } },
      { ...SUSPECT, event: { ...EVENT, kind: 'Told' } }
    ])
      assert.deepEqual(await three.deaths(other), { runs: 0, givingUp: 0 })
  })

  it('counts none that noted its runs and ended in none', async () => {
    const fleet = aFleet()
    for (const name of ['calm', 'two', 'three', 'four']) (await fleet.started(name)).end()
    await (await fleet.started('one')).fatal()

    const last = await fleet.started('last')

    assert.deepEqual(await last.deaths(), { runs: 2, givingUp: 0 })
  })

  it('counts one that ended in a run right behind its caution', async () => {
    const fleet = aFleet()
    await fleet.started('lives')
    const young = await fleet.started('young')
    assert.equal(young.caution.isCautious, true)
    while (young.caution.isCautious) await fleet.pass(1)
    // Not noted any more, and it is the run that ends the process.
    young.end()
    await (await fleet.started('one')).fatal()

    await fleet.pass(6_001)
    const last = await fleet.started('last')
    await fleet.pass(3_000)

    assert.deepEqual(await last.deaths(), { runs: 2, givingUp: 0 })
  })

  it('ends only once nothing is noted', async () => {
    const fleet = aFleet()
    await fleet.started('lives')
    const young = await fleet.started('young')
    fleet.slow.ms = 3_000
    const isNoted: boolean[] = []
    const runs = Array.from({ length: 3 }, async () =>
      young.caution.noted(SUSPECT, fleet.clock.monotonicMs() + 60_000, () => {
        isNoted.push(young.caution.isCautious)
      })
    )
    await fleet.pass(20_000)
    await Promise.all(runs)
    fleet.slow.ms = 0
    await fleet.pass(6_000)

    assert.deepEqual([...isNoted, young.caution.isCautious], [true, true, true, false])
  })

  for (const [everyMs, answerMs] of [
    [8, 10],
    [11, 10],
    [3, 2],
    [50, 1]
  ] as const)
    it(`ends also under load: a run each ${everyMs} ms, ${answerMs} ms a note`, async () => {
      const fleet = aFleet()
      const one = await fleet.started('one')
      const two = await fleet.started('two')
      await fleet.pass(4_001)
      two.end()
      await fleet.pass(590_000)
      fleet.slow.ms = answerMs
      const seen = { noted: 0, free: 0, amiss: 0 }
      const names = new Set<string>()
      /** None runs unless the row names it alone, or says that nothing is noted. */
      const ran = (how: 'noted' | 'free'): void => {
        const row = fleet.rows.get('one') ?? '-'
        seen[how] += 1
        if (row === '') return
        if (how === 'free' || row === '-' || names.has(row)) seen.amiss += 1
        names.add(row)
      }
      let left = Math.ceil(40_000 / everyMs)
      const arrive = (): void => {
        left -= 1
        if (left > 0) fleet.clock.after(everyMs, arrive)
        if (!one.caution.isCautious) return ran('free')
        const suspect = { ...SUSPECT, event: { ...EVENT, id: `m${left}` } }
        const deadlineMs = fleet.clock.monotonicMs() + TURN_MS
        void one.caution.noted(suspect, deadlineMs, () => ran('noted')).catch(() => undefined)
      }
      arrive()
      await fleet.pass(20_000)
      const before = fleet.calls.length
      const { free } = seen
      await fleet.pass(10_000)

      assert.equal(one.caution.isCautious, false)
      assert.ok(names.size > 0 && seen.free - free >= 9_900 / everyMs, JSON.stringify(seen))
      assert.equal(seen.amiss, 0)
      // Its own beat, and nothing for a run.
      assert.ok(fleet.calls.length - before <= 6)
    })

  it('counts no process that lives, and leaves an event to it that it may be running', async () => {
    const fleet = aFleet()
    const dead = [await fleet.started('calm'), await fleet.started('still')]
    for (const process of dead) process.end()
    const one = await fleet.started('one')
    const two = await fleet.started('two')
    await fleet.pass(4_001)
    await one.deaths()

    await assert.rejects(two.deaths(), /CHP_STORE_CONTENDED/)
    assert.deepEqual(await two.deaths({ ...SUSPECT, conversation: 'd' }), NOBODY)
    await fleet.pass(100)

    assert.deepEqual(await two.deaths(), NOBODY)
  })

  it('knows which of the counted may live: for 3 s those it has not heard of yet', async () => {
    const fleet = aFleet()
    await fleet.started('lives')
    await (await fleet.started('one')).fatal()

    const two = await fleet.started('two')

    assert.deepEqual([await two.deaths(), await two.unheard()], [{ runs: 2, givingUp: 0 }, 2])
    await fleet.pass(3_000)
    assert.deepEqual([await two.deaths(), await two.unheard()], [{ runs: 1, givingUp: 0 }, 0])
  })

  it('counts a process that ended in the run once its lease is over', async () => {
    const fleet = aFleet()
    ;(await fleet.started('calm')).end()
    const one = await fleet.started('one')
    const two = await fleet.started('two')
    await fleet.pass(4_001)
    await one.fatal()

    await assert.rejects(two.deaths(), /CHP_STORE_CONTENDED/)
    await fleet.pass(6_001)

    assert.deepEqual(await two.deaths(), { runs: 2, givingUp: 0 })
  })

  it('charges no end that was forgotten when the run ended its process', async () => {
    const fleet = aFleet()
    const old = await fleet.started('old')
    old.end()
    await fleet.pass(300_000)
    ;(await fleet.started('calm')).end()
    await fleet.pass(301_000)
    await (await fleet.started('one')).fatal()

    assert.deepEqual(await (await fleet.started('two')).deaths(), { runs: 1, givingUp: 0 })
  })

  it('runs one event at a time, so that no other is taken for the one that ended it', async () => {
    const fleet = aFleet()
    ;(await fleet.started('calm')).end()
    const one = await fleet.started('one')
    const [innocent, later] = ['innocent', 'later'].map(id => ({
      ...SUSPECT,
      event: { ...EVENT, id }
    }))

    void one.deaths(innocent)
    void one.fatal()
    void one.deaths(later)
    await turns(10)

    const two = await fleet.started('two')
    assert.equal((await two.deaths()).runs, 2)
    for (const other of [innocent, later]) assert.equal((await two.deaths(other)).runs, 0)
  })

  it('keeps no event waiting for its turn beyond the limit of one', async () => {
    const fleet = aFleet()
    ;(await fleet.started('calm')).end()
    const one = await fleet.started('one')
    fleet.slow.ms = 300
    const startMs = fleet.clock.monotonicMs()
    let lastMs = 0
    const outcomes = Array.from({ length: 100 }, async (_, at) => {
      const suspect = { ...SUSPECT, conversation: `c${at}` }
      const code = await one.deaths(suspect).then(() => 'run', codeOf)
      lastMs = fleet.clock.monotonicMs() - startMs
      return code
    })
    await fleet.pass(TURN_MS + 1_000)

    assert.ok(lastMs <= TURN_MS + 300, `${lastMs} ms`)
    const codes = await Promise.all(outcomes)
    const run = codes.filter(code => code === 'run').length
    assert.ok(run >= 5 && run <= TURN_MS / 300, `${run} have run`)
    assert.deepEqual(new Set(codes), new Set(['run', 'CHP_STORE_UNAVAILABLE']))
    const next = one.deaths()
    await fleet.pass(1_000)
    assert.deepEqual(await next, NOBODY)
  })

  it('suspects no run that ended, when its process is ended later', async () => {
    const fleet = aFleet()
    ;(await fleet.started('calm')).end()
    const one = await fleet.started('one')
    await one.deaths()
    await fleet.pass(100)
    one.end()

    assert.equal((await (await fleet.started('two')).deaths()).runs, 0)
  })

  it('begins anew with an event that was given up', async () => {
    const fleet = aFleet()
    ;(await fleet.started('calm')).end()
    await (await fleet.started('one')).fatal()
    const two = await fleet.started('two')
    assert.equal((await two.deaths()).runs, 2)

    await two.caution.forgive(SUSPECT)

    assert.equal((await two.deaths()).runs, 0)
  })

  it('writes down no id, which may hold the number of its sender', async () => {
    const fleet = aFleet()
    ;(await fleet.started('calm')).end()
    const one = await fleet.started('one')

    await one.deaths()

    assert.ok(fleet.calls.length > 1)
    assert.equal(fleet.calls.join(' ').includes('15550001001'), false)
  })
})
