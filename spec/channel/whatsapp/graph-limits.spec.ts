import assert from 'node:assert/strict'
import { whatsapp } from '../../../lib/channel/whatsapp/whatsapp.ts'
import { seededRandom } from '../../../lib/kernel/random.ts'
import { createRuntime, type Runtime } from '../../../lib/runtime/runtime.ts'
import { memoryStore } from '../../../lib/testing/memory-store.ts'
import { type SimulatedClock, simulatedClock } from '../../../lib/testing/simulated-clock.ts'
import { turns, until } from '../../support/a-world.ts'
import { chainProgram } from '../../support/chain-program.ts'
import { settings } from './a-webhook.ts'

const PAIR = { everyMs: 6_000, burst: 3 }
const DAY_MS = 86_400_000

interface Post {
  readonly to: string
  readonly atMs: number
  readonly text: string
}

/** Plays the Graph API: keeps its limits, and loses the answer to every fifth message it takes. */
function graph(clock: SimulatedClock, heardAtMs: Map<string, number>) {
  const taken: Post[] = []
  const refused: number[] = []
  const answered = (status: number, body: unknown): Response =>
    new Response(JSON.stringify(body), { status })
  const error = (code: number): Response => {
    refused.push(code)
    return answered(400, { error: { code } })
  }
  const post: typeof fetch = async (_url, init) => {
    const { to, text } = JSON.parse(init?.body as string) as { to: string; text: { body: string } }
    const atMs = clock.nowMs()
    const recent = taken.filter(other => other.to === to && atMs - other.atMs < PAIR.everyMs)
    if (atMs - (heardAtMs.get(to) ?? 0) > DAY_MS) return error(131_047)
    if (recent.length > PAIR.burst) return error(131_056)
    taken.push({ to, atMs, text: text.body })
    if (taken.length % 5 === 0) throw new TypeError('the answer is lost')
    return answered(200, { messages: [{ id: `wamid.${taken.length}` }] })
  }
  return { taken, refused, post }
}

function started() {
  const clock = simulatedClock({ startMs: 1_000_000 })
  const heardAtMs = new Map<string, number>()
  const api = graph(clock, heardAtMs)
  const runtime = createRuntime({
    bot: chainProgram(),
    store: memoryStore({ clock }),
    clock,
    random: seededRandom(5),
    limits: { sweepEveryMs: 60_000, reconcileEveryMs: 9 * DAY_MS }
  })
  const pacing = { number: { everyMs: 5, burst: 4 }, member: PAIR }
  runtime.mount(whatsapp({ ...settings, fetch: api.post, clock, pacing }))
  const pass = async (ms: number): Promise<void> => {
    const endMs = clock.nowMs() + ms
    while (clock.nowMs() < endMs) {
      await turns(4)
      clock.advanceTo(Math.min(endMs, clock.nextDueMs() ?? endMs))
    }
    await turns(4)
  }
  const say = async (user: string, text: string): Promise<void> => {
    heardAtMs.set(user, clock.nowMs())
    const content = { kind: 'text', text } as const
    const receipt = chatOf(runtime, user).receive({ id: `${user} ${clock.nowMs()}`, content })
    assert.equal((await until(clock, receipt)).tag, 'committed')
  }
  return { clock, runtime, api, pass, say }
}

function chatOf(runtime: Runtime, user: string) {
  return runtime.conversation({ channel: 'whatsapp', account: settings.phoneNumberId, user })
}

describe('the limits of the Graph API', () => {
  it('are kept for a member who is told much, in order, and cost the others nothing', async () => {
    const { clock, runtime, api, pass, say } = started()
    await until(clock, runtime.start())
    await say('1555001', 'say 12')
    const saidMs = clock.nowMs()
    for (const other of ['1555002', '1555003', '1555004']) await say(other, 'hi')
    await pass(120_000)

    assert.deepEqual(api.refused, [])
    const [chatty, others] = [
      api.taken.filter(({ to }) => to === '1555001'),
      api.taken.filter(({ to }) => to !== '1555001')
    ]
    // What was taken and not answered for goes out a second time.
    assert.ok(chatty.length >= 12 && chatty.length <= 15)
    assert.equal(new Set(others.map(({ to }) => to)).size, 3)
    for (const to of new Set(others.map(post => post.to))) {
      const first = others.find(post => post.to === to)
      assert.ok((first?.atMs ?? 0) - saidMs < 1_000)
    }
    await until(clock, runtime.stop())
  })

  it('are asked nothing after 24 h of silence, and what is behind goes on', async () => {
    const { clock, runtime, api, pass, say } = started()
    await until(clock, runtime.start())
    const given: string[] = []
    runtime.on('undeliverable', ({ why }) => given.push(why))
    const program = chatOf(runtime, '1555001')
    await say('1555001', 'hi')
    await pass(25 * 3_600_000)
    const before = api.taken.length
    await until(clock, program.tell({ id: 't1', event: 'news' }))
    await pass(10_000)

    assert.equal(api.taken.length, before)
    assert.deepEqual(api.refused, [])
    assert.equal(given.length, 1)
    assert.match(given[0] ?? '', /24 h/)
    await say('1555001', 'hi')
    await pass(60_000)
    assert.ok(api.taken.length > before)
    await until(clock, runtime.stop())
  })
})
