import assert from 'node:assert/strict'
import * as t from 'io-ts'
import { whatsapp } from '../../lib/channel/whatsapp/whatsapp.ts'
import type { Program } from '../../lib/conversation/program.ts'
import type { ConversationRecord, Core } from '../../lib/conversation/record.ts'
import { defineBot, tell, text } from '../../lib/flow/index.ts'
import { pause } from '../../lib/kernel/clock.ts'
import { type Random, seededRandom } from '../../lib/kernel/random.ts'
import { createRuntime } from '../../lib/runtime/runtime.ts'
import { memoryStore } from '../../lib/testing/memory-store.ts'
import { simulatedClock } from '../../lib/testing/simulated-clock.ts'
import { aChange, aPost } from '../channel/whatsapp/a-post.ts'
import { settings, signedPost } from '../channel/whatsapp/a-webhook.ts'
import { turns, until } from '../support/a-world.ts'
import { ASKED, asking } from '../support/asking-bot.ts'
import { HostileGraph, type HostileStatus } from '../support/hostile-graph.ts'

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
const DAYS = Number(process.env['DAYS'] ?? 3)
const PAIR = { everyMs: 6_000, burst: 5 }
const MEMBERS = { calm: 20, troubled: 20, chatty: 3, silent: 6 }

const none = t.strict({})
const bot = defineBot({
  name: 'asking',
  flows: [asking],
  start: 'ask',
  on: {
    news: tell({
      data: none,
      say: () => text('news'),
      closed: () => ({ name: 'news', language: 'en', parameters: [] })
    }),
    plain: tell({ data: none, say: () => text('plain') })
  },
  texts: { en: { ...ASKED, news: 'news', plain: 'plain' } }
})

/** The same bot, telling whenever what is known of a message falls back. */
function watched<C extends Core>(inner: Program<C>, fell: string[]): Program<C> {
  const ranks = ({ flow: { prompt } }: ConversationRecord<C>): Map<string, number> =>
    new Map(prompt?.deliveries?.map(({ id, rank }) => [`${prompt.instance} ${id}`, rank]))
  return {
    ...inner,
    decide: (state, event, at) => {
      const decision = inner.decide(state, event, at)
      if (decision.tag !== 'commit') return decision
      const after = ranks(decision.next)
      for (const [name, rank] of ranks(state))
        if ((after.get(name) ?? rank) < rank) fell.push(`${name} ${rank}`)
      return decision
    }
  }
}

function started() {
  const clock = simulatedClock({ startMs: 1_000_000 })
  const random = seededRandom(9)
  const heardAtMs = new Map<string, number>()
  const fell: string[] = []
  const limits = { sweepEveryMs: MINUTE_MS, reconcileEveryMs: 9 * 24 * HOUR_MS }
  const store = memoryStore({ clock })
  const runtime = createRuntime({ bot: watched(bot, fell), store, clock, random, limits })
  const post = async (status: HostileStatus): Promise<void> => {
    const told = { ...status, timestamp: '1', errors: [{ code: 131_026 }] }
    const request = signedPost(aPost(aChange({ statuses: [told] })))
    const { status: code } = await door.fetch(new Request('http://bot/', request))
    if (code === 503) clock.after(1_000, () => void post(status))
    else assert.equal(code, 200)
  }
  const graph = new HostileGraph({
    clock,
    random,
    heardAtMs,
    pair: PAIR,
    isTroubled: to => to.startsWith('2'),
    status: status => void post(status)
  })
  const pacing = { number: { everyMs: 14, burst: 8 }, member: PAIR }
  const door = runtime.mount(whatsapp({ ...settings, fetch: graph.fetch, clock, pacing }))
  return { clock, random, heardAtMs, fell, runtime, graph }
}

type House = ReturnType<typeof started>

const chatOf = ({ runtime }: House, user: string) =>
  runtime.conversation({ channel: 'whatsapp', account: settings.phoneNumberId, user })

let ids = 0

async function say(house: House, user: string, said: string): Promise<void> {
  house.heardAtMs.set(user, house.clock.nowMs())
  ids += 1
  const message = { id: `m${ids}`, content: { kind: 'text', text: said } } as const
  assert.equal((await chatOf(house, user).receive(message)).tag, 'committed')
}

/** Greets, waits for what comes, answers or not, and comes back hours later. */
async function ordinary(house: House, user: string, random: Random): Promise<void> {
  for (;;) {
    await pause(house.clock, random.fraction() * 8 * HOUR_MS)
    await say(house, user, 'hi')
    await pause(house.clock, 10 * MINUTE_MS)
    for (const word of random.fraction() < 0.5 ? ['ok', 'yes'] : ['what?']) {
      await say(house, user, word)
      await pause(house.clock, MINUTE_MS)
    }
  }
}

async function chatty(house: House, user: string): Promise<void> {
  for (;;) {
    for (let said = 0; said < 30; said += 1) {
      await say(house, user, said % 2 === 0 ? 'hi' : 'yes')
      await pause(house.clock, 500)
    }
    await pause(house.clock, 2 * HOUR_MS)
  }
}

/** The host has something to say to everybody, twice a day. */
async function host(house: House, users: readonly string[]): Promise<void> {
  for (;;) {
    await pause(house.clock, 11 * HOUR_MS)
    for (const [index, event] of ['news', 'plain'].entries())
      for (const user of users) {
        ids += 1
        const told = { id: `t${ids}`, event, data: {} }
        const receipt = await chatOf(house, user).tell(told)
        assert.equal(receipt.tag, 'committed', `${event} ${index}`)
      }
  }
}

/** Failed prompts of members who wrote nothing for a while, and those that led nowhere. */
function missed({ graph: { taken } }: House) {
  const failed = taken.filter(({ fails }) => fails)
  const led = failed.filter(({ to, atMs }) =>
    taken.some(
      other =>
        other.to === to &&
        other.text === 'never arrived' &&
        Math.abs(other.atMs - atMs) < 10 * MINUTE_MS
    )
  )
  return { failed: failed.length, nowhere: failed.length - led.length }
}

const named = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}55500${index}`)

const USERS = {
  calm: named('1', MEMBERS.calm),
  troubled: named('2', MEMBERS.troubled),
  chatty: named('3', MEMBERS.chatty),
  silent: named('4', MEMBERS.silent)
}

/** All of them live for some days; fails as soon as one of them cannot. */
async function lived(house: House): Promise<void> {
  const { clock } = house
  for (const user of USERS.silent) await until(clock, say(house, user, 'hi'))
  const lives = [
    ...[...USERS.calm, ...USERS.troubled].map(async (user, index) =>
      ordinary(house, user, seededRandom(100 + index))
    ),
    ...USERS.chatty.map(async user => chatty(house, user)),
    host(house, Object.values(USERS).flat())
  ]
  const failures: unknown[] = []
  for (const life of lives) life.catch((error: unknown) => failures.push(error))
  const endMs = clock.nowMs() + DAYS * 24 * HOUR_MS
  while (clock.nowMs() < endMs && failures.length === 0) {
    await turns(4)
    clock.advanceTo(Math.min(endMs, clock.nextDueMs() ?? endMs))
  }
  assert.deepEqual(failures, [])
}

/** How long members who are not troubled wait for the answer to a message, in ms. */
function latencies({ graph: { taken } }: House, answered: readonly Answered[]): number[] {
  return answered
    .filter(({ user }) => USERS.calm.includes(user))
    .map(({ user, atMs }) => {
      const sent = taken.find(other => other.to === user && other.atMs >= atMs)
      return Math.round((sent?.atMs ?? Number.POSITIVE_INFINITY) - atMs)
    })
    .toSorted((one, other) => one - other)
}

interface Answered {
  readonly user: string
  readonly atMs: number
}

describe(`a Graph API at its worst, for ${DAYS} days`, () => {
  it('is asked nothing it forbids, and what it never delivers is noticed', async () => {
    const house = started()
    const { clock, runtime, graph, fell } = house
    const dropped: string[] = []
    const answers: Answered[] = []
    runtime.on('undeliverable', ({ why }) => dropped.push(why))
    runtime.on('turn', ({ event, record, replies }) => {
      if (event.kind !== 'Inbound' || replies.length === 0) return
      answers.push({ user: record.core.channel.user, atMs: clock.nowMs() })
    })
    await until(clock, runtime.start())
    await lived(house)

    const waits = latencies(house, answers)
    const p99 = waits[Math.floor(waits.length * 0.99)] ?? Number.NaN
    const templates = graph.taken.filter(({ isTemplate }) => isTemplate).length
    const { overPair, afterDay, troubles, statuses, taken } = graph
    const told = { taken: taken.length, troubles, statuses, templates, dropped: dropped.length }
    const figures = { ...told, overPair, afterDay, ...missed(house), p99, most: waits.at(-1) }
    process.stdout.write(`      ${JSON.stringify(figures)}\n`)
    assert.deepEqual([overPair, afterDay, fell, missed(house).nowhere], [0, 0, [], 0])
    assert.ok(templates > 0 && dropped.length > 0 && missed(house).failed > 0 && troubles > 0)
    assert.ok(dropped.every(why => why.includes('24 h')))
    assert.ok(p99 < 1_000)
    await until(clock, runtime.stop())
  })
})
