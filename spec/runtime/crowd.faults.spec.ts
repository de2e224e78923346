import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Channel, ChannelHost } from '../../lib/channel/channel.ts'
import { type Clock, pause, systemClock } from '../../lib/kernel/clock.ts'
import { createRuntime, type Runtime } from '../../lib/runtime/runtime.ts'
import { lmdbStore } from '../../lib/store/lmdb/lmdb-store.ts'
import { chainProgram } from '../support/chain-program.ts'
import { eventually } from '../support/eventually.ts'

const MEMBERS = Number(process.env['CROWD'] ?? 20_000)
const AT_ONCE = 200
const LIVE_MOST = 5_000
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

/** The wall clock of the machine, which may be set forward. */
function settable(): Clock & { forwardMs: number } {
  const clock = { ...systemClock, forwardMs: 0 }
  return Object.assign(clock, { nowMs: () => systemClock.nowMs() + clock.forwardMs })
}

const p99 = (values: readonly number[]): number =>
  Math.round(values.toSorted((one, other) => one - other)[Math.floor(values.length * 0.99)] ?? 0)

async function say(runtime: Runtime, user: string, id: string, text: string): Promise<number> {
  const sinceMs = performance.now()
  const handle = runtime.conversation({ channel: 'chan', account: 'a', user })
  for (;;) {
    const receipt = await handle.receive({ id, content: { kind: 'text', text } })
    // A commit whose answer came too late is a duplicate when it comes again.
    if (receipt.tag === 'committed' || receipt.tag === 'duplicate') {
      return performance.now() - sinceMs
    }
    // What is turned away comes again, as a provider sends it again.
    assert.equal(receipt.tag, 'shed')
    await pause(systemClock, 200)
  }
}

/** Fifty members talk until it is over; how long their receipts took, in ms. */
async function talking(runtime: Runtime, isOver: () => boolean): Promise<readonly number[]> {
  const took: number[] = []
  for (let turn = 0; !isOver(); turn += 1) {
    took.push(await say(runtime, `live${turn % 50}`, `l${performance.now()}`, 'hi'))
    await pause(systemClock, 20)
  }
  return took
}

describe(`a crowd of ${MEMBERS} members`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'chp-crowd-'))
  const clock = settable()
  const store = lmdbStore({ path: folder, clock })
  const limits = { liveConversations: LIVE_MOST, sweepPage: 200 }
  const runtime = createRuntime({ bot: chainProgram(), store, clock, limits })
  const dueFrom = systemClock.nowMs() + HOURS_MS
  let saidMs = 0
  const looked = (): boolean => performance.now() - saidMs > 11_000

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
      // All reminders fall due within one second, in the order of the members.
      const dueMs = (member: number): number => dueFrom + Math.floor((member * 1_000) / MEMBERS)
      await Promise.all(
        batch.map(member =>
          say(runtime, `m${member}`, `m${member}`, `remind ${dueMs(member) - clock.nowMs()}`)
        )
      )
      if ((from / AT_ONCE) % Math.floor(MEMBERS / AT_ONCE / 20) === 0) heap.push(heapMb())
    }
    heap.push(heapMb())
    saidMs = performance.now()
    process.stdout.write(`      heap in MB by twentieth: ${heap.join(' ')}\n`)
    const [middle, last] = [heap[Math.floor(heap.length / 2)], heap.at(-1)]
    assert.ok(middle !== undefined && last !== undefined && last < middle * 1.2 + 10)
  })

  it('has its timers drained in due order while others talk on', async function () {
    this.timeout(1_200_000)
    const fired: { readonly dueMs: number; readonly user: string }[] = []
    const off = runtime.on('turn', ({ event, conversation: user }) => {
      if (event.kind === 'TimerDue') fired.push({ dueMs: event.dueMs, user })
    })
    // Each is looked at once more when the lease on its first reply is over.
    await eventually(async () => (await store.stats()).overdue === 0 && looked(), {
      withinMs: 900_000,
      everyMs: 500
    })
    const startMs = performance.now()
    const before = await talking(runtime, () => performance.now() - startMs > 10_000)
    clock.forwardMs = HOURS_MS + 2_000
    const drainMs = performance.now()
    const during = await talking(runtime, () => fired.length >= MEMBERS)
    const tookMs = Math.round(performance.now() - drainMs)

    off()
    const told = { before: p99(before), during: p99(during), tookMs, passed: passedMost(fired) }
    process.stdout.write(`      ${JSON.stringify(told)}\n`)
    assert.equal(new Set(fired.map(({ user }) => user)).size, MEMBERS)
    assert.equal(fired.length, MEMBERS)
    // What is claimed as one page is woken side by side.
    assert.ok(told.passed <= 2 * limits.sweepPage)
    assert.ok(told.during < Math.max(2 * told.before, 100))
  })

  it('has its timers fire within a second when nothing else is due', async function () {
    this.timeout(120_000)
    const late: number[] = []
    runtime.on('turn', ({ event }) => {
      if (event.kind === 'TimerDue') late.push(clock.nowMs() - event.dueMs)
    })
    for (let member = 0; member < 500; member += 1) {
      await say(runtime, `m${member}`, `late${member}`, `remind ${2_000 + ((member * 37) % 8_000)}`)
    }
    await eventually(async () => late.length >= 500, { withinMs: 60_000, everyMs: 100 })
    process.stdout.write(`      lateness in ms: p99 ${p99(late)}\n`)
    assert.ok(Math.min(...late) >= 0)
    // A promise of 1 s, with room for a machine that does other things, too.
    assert.ok(p99(late) < 3_000)
  })
})

/** How many that were due later came before one, at most. */
function passedMost(fired: readonly { readonly dueMs: number }[]): number {
  const inOrder = fired.map((_, rank) => rank).toSorted((a, b) => dueOf(a) - dueOf(b) || a - b)
  return inOrder.reduce((most, rank, place) => Math.max(most, rank - place), 0)

  function dueOf(rank: number): number {
    return fired[rank]?.dueMs ?? 0
  }
}
