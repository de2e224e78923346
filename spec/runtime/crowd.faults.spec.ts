import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Channel, ChannelHost } from '../../lib/channel/channel.ts'
import { pause, systemClock } from '../../lib/kernel/clock.ts'
import { createRuntime, type Runtime } from '../../lib/runtime/runtime.ts'
import { lmdbStore } from '../../lib/store/lmdb/lmdb-store.ts'
import { chainProgram } from '../support/chain-program.ts'
import { eventually } from '../support/eventually.ts'

const MEMBERS = Number(process.env['CROWD'] ?? 20_000)
const AT_ONCE = 200
const LIVE_MOST = 5_000
/** Those of the crowd do not fall due meanwhile. */
const HOURS_MS = 36_000_000

setFlagsFromString('--expose_gc')
const collect = runInNewContext('gc') as () => void
const heapMb = (): number => {
  collect()
  return Math.round(process.memoryUsage().heapUsed / 1e6)
}

const channel: Channel<ChannelHost> = {
  name: 'chan',
  sendTimeoutMs: 1_000,
  unfit: () => null,
  mount: host => host,
  send: async () => ({ tag: 'sent', providerId: null })
}

const p99 = (values: readonly number[]): number =>
  Math.round(values.toSorted((one, other) => one - other)[Math.floor(values.length * 0.99)] ?? 0)

async function say(runtime: Runtime, user: string, id: string, text: string): Promise<void> {
  const handle = runtime.conversation({ channel: 'chan', account: 'a', user })
  for (;;) {
    const receipt = await handle.receive({ id, content: { kind: 'text', text } })
    // A commit whose answer came too late is a duplicate when it comes again.
    if (receipt.tag === 'committed' || receipt.tag === 'duplicate') return
    // What is turned away comes again, as a provider sends it again.
    assert.equal(receipt.tag, 'shed')
    await pause(systemClock, 200)
  }
}

describe(`a crowd of ${MEMBERS} members`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'chp-crowd-'))
  const store = lmdbStore({ path: folder })
  const limits = { liveConversations: LIVE_MOST }
  const runtime = createRuntime({ bot: chainProgram(), store, limits })

  before(async () => {
    runtime.mount(channel)
    await runtime.start()
  })
  after(async () => {
    await runtime.stop({ graceMs: 5_000 })
    rmSync(folder, { recursive: true, force: true })
  })

  it('is woken once each, and memory stays within what its live actors need', async function () {
    this.timeout(1_200_000)
    const heap: number[] = []
    for (let from = 0; from < MEMBERS; from += AT_ONCE) {
      const batch = Array.from({ length: Math.min(AT_ONCE, MEMBERS - from) }, (_, n) => from + n)
      await Promise.all(
        batch.map(member => say(runtime, `m${member}`, `m${member}`, `remind ${HOURS_MS}`))
      )
      if ((from / AT_ONCE) % Math.floor(MEMBERS / AT_ONCE / 20) === 0) heap.push(heapMb())
    }
    heap.push(heapMb())
    process.stdout.write(`      heap in MB by twentieth: ${heap.join(' ')}\n`)
    const [middle, last] = [heap[Math.floor(heap.length / 2)], heap.at(-1)]
    assert.ok(middle !== undefined && last !== undefined && last < middle * 1.2 + 10)
  })

  it('has its timers fire within a second when nothing else is due', async function () {
    this.timeout(120_000)
    const late: number[] = []
    runtime.on('turn', ({ event }) => {
      if (event.kind === 'TimerDue') late.push(systemClock.nowMs() - event.dueMs)
    })
    for (let member = 0; member < 500; member += 1) {
      await say(runtime, `m${member}`, `late${member}`, `remind ${2_000 + ((member * 37) % 8_000)}`)
    }
    await eventually(async () => late.length >= 500, { withinMs: 60_000, everyMs: 100 })
    process.stdout.write(`      lateness in ms: p99 ${p99(late)}\n`)
    assert.ok(Math.min(...late) >= 0)
    assert.ok(p99(late) < 1_000)
  })
})
