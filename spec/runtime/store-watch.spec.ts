import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { ChaperoneError, type FailureCode, failure } from '../../lib/kernel/failure.ts'
import type { Notices } from '../../lib/runtime/alarms.ts'
import { StoreWatch } from '../../lib/runtime/store-watch.ts'
import type { Fitness } from '../../lib/store/conversation-store.ts'
import { simulatedClock } from '../../lib/testing/simulated-clock.ts'

const FIT: Fitness = { durability: 'always', warnings: [] }
const broken = (code: FailureCode, detail: string): ChaperoneError =>
  new ChaperoneError(failure(code, detail))

function aWatch(opened: Fitness = FIT) {
  const clock = simulatedClock({ startMs: 0 })
  const seen = { said: FIT as Fitness | ChaperoneError, looks: 0, alarms: [] as string[] }
  const lines: string[] = []
  const note = (level: string) => (fields: object) => {
    lines.push(`${level} ${(fields as { readonly event: string }).event}`)
  }
  const log = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') }
  const alarms: Notices = {
    notice: ({ failure: { code, detail } }) => seen.alarms.push(`${code} ${detail}`)
  }
  const fitness = async (): Promise<Fitness> => {
    seen.looks += 1
    if (seen.said instanceof ChaperoneError) throw seen.said
    return seen.said
  }
  const watch = new StoreWatch({ store: { fitness }, clock, log, alarms })
  watch.start(opened)
  const pass = async (ms: number): Promise<void> => {
    for (const endMs = clock.nowMs() + ms; clock.nowMs() < endMs; ) {
      clock.advanceTo(Math.min(endMs, clock.nowMs() + 1_000))
      await setImmediate()
    }
  }
  return { watch, seen, lines, pass, clock, log, alarms }
}

describe('the watch on the durability of a store', () => {
  it('raises one alarm within 10 s of a change, and says when it is mended', async () => {
    const { seen, lines, pass } = aWatch()
    await pass(60_000)
    assert.deepEqual([seen.alarms, lines], [[], []])

    seen.said = broken('CHP_STORE_UNFIT', 'evicts')
    await pass(10_000)
    assert.deepEqual(seen.alarms, ['CHP_STORE_UNFIT evicts'])
    await pass(60_000)
    seen.said = FIT
    await pass(10_000)

    assert.deepEqual(seen.alarms, ['CHP_STORE_UNFIT evicts'])
    assert.deepEqual(lines, ['error store.unfit', 'warn store.fit'])
  })

  it('raises another one when it comes again, or for another cause', async () => {
    const { seen, pass } = aWatch()

    for (const cause of ['evicts', 'no file', null, 'no file']) {
      seen.said = cause === null ? FIT : broken('CHP_STORE_UNFIT', cause)
      await pass(10_000)
    }

    assert.deepEqual(
      seen.alarms.map(text => text.slice('CHP_STORE_UNFIT '.length)),
      ['evicts', 'no file', 'no file']
    )
  })

  it('says a new warning once, and none that the start has said', async () => {
    const { seen, lines, pass } = aWatch({ durability: 'no', warnings: ['old'] })
    seen.said = { durability: 'no', warnings: ['old'] }
    await pass(20_000)
    assert.deepEqual(lines, [])

    seen.said = { durability: 'no', warnings: ['old', 'new'] }
    await pass(20_000)

    assert.deepEqual(lines, ['warn store.warning'])
  })

  it('says nothing of a store that does not answer, and goes on looking', async () => {
    const { seen, lines, pass } = aWatch()
    seen.said = broken('CHP_STORE_UNAVAILABLE', 'away')
    await pass(20_000)
    const { looks } = seen
    await pass(20_000)

    assert.ok(seen.looks > looks)
    assert.deepEqual([seen.alarms, lines], [[], []])
  })

  it('looks no more once it is stopped, and never at a store that has nothing to say', async () => {
    const { watch, seen, pass, clock, log, alarms } = aWatch()
    watch.stop()
    await pass(20_000)
    new StoreWatch({ store: {}, clock, log, alarms }).start(FIT)

    assert.deepEqual([seen.looks, clock.nextDueMs()], [0, null])
  })
})
