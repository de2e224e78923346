import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { whatsapp } from '../../lib/channel/whatsapp/whatsapp.ts'
import { createRuntime } from '../../lib/runtime/runtime.ts'
import { lmdbStore } from '../../lib/store/lmdb/lmdb-store.ts'
import { listening } from '../channel/listening.ts'
import { APP_SECRET, PHONE_NUMBER_ID } from '../channel/whatsapp/a-post.ts'
import { eventually } from '../support/eventually.ts'
import { ACCESS_TOKEN, graphStandIn } from '../support/graph-stand-in.ts'
import { hangingBot } from '../support/hanging-bot.ts'
import { textFrom, webhookClient } from '../support/webhook-client.ts'

const HANGS_MS = 35_000
const QUIET_MS = 8_000
const PAUSE_MS = 100
const FAST = { everyMs: 1, burst: 100 }
const members = (code: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => `${code}0000${n}`)
const PAYERS = members('1555', 4)
const LOOKERS = members('1777', 6)

/** A server whose bot has two calls behind it, of which one hangs. */
async function started() {
  const folder = mkdtempSync(join(tmpdir(), 'chaperone-hanging-'))
  const graph = await graphStandIn()
  const { bot, made, service } = hangingBot()
  const runtime = createRuntime({ bot, store: lmdbStore({ path: folder }) })
  const door = runtime.mount(
    whatsapp({
      appSecret: APP_SECRET,
      accessToken: ACCESS_TOKEN,
      phoneNumberId: PHONE_NUMBER_ID,
      apiUrl: graph.url,
      pacing: { number: FAST, member: FAST }
    })
  )
  await runtime.start()
  const server = await listening((req, res) => door.node(req, res))
  const client = webhookClient(() => server.url)
  const heard = (user: string): readonly string[] => graph.to(user).map(({ text }) => text)
  const end = async (): Promise<void> => {
    await server.close()
    await runtime.stop({ graceMs: 2_000 })
    await graph.close()
    rmSync(folder, { recursive: true, force: true })
  }
  return { graph, made, service, client, heard, end }
}

type House = Awaited<ReturnType<typeof started>>

let ids = 0

/** Posts a message once and says how long its answer took; it must be 200. */
async function post({ client }: House, user: string, said: string): Promise<number> {
  ids += 1
  const sinceMs = performance.now()
  const { status } = await client.once(textFrom(user, `m${ids}`, said))
  assert.equal(status, 200)
  return performance.now() - sinceMs
}

/** The lookers look, one after the other each, for so long; gives the p99 of all answers, in ms. */
async function looking(house: House, forMs: number): Promise<{ p99: number; posts: number }> {
  const took: number[] = []
  const untilMs = performance.now() + forMs
  const lane = async (user: string): Promise<void> => {
    while (performance.now() < untilMs) {
      took.push(await post(house, user, 'look'))
      await setTimeout(PAUSE_MS)
    }
  }
  await Promise.all(LOOKERS.map(lane))
  const ordered = took.toSorted((one, other) => one - other)
  return { p99: Math.round(ordered[Math.floor(took.length * 0.99)] ?? 0), posts: took.length }
}

describe('a webhook while one call of its bot hangs', () => {
  let house: House
  before(async () => {
    house = await started()
  })
  after(() => house.end())

  it('answers everybody as before, and the breaker opens and closes', async () => {
    const { made, service, heard } = house
    for (const user of [...LOOKERS, ...PAYERS]) await post(house, user, 'hi')
    const before = await looking(house, QUIET_MS)

    await Promise.all(PAYERS.map(user => post(house, user, 'pay')))
    await eventually(async () => made.pay === PAYERS.length)
    const [during] = await Promise.all([
      looking(house, HANGS_MS),
      setTimeout(QUIET_MS).then(() => Promise.all(PAYERS.map(user => post(house, user, 'menu'))))
    ])

    const posts = before.posts + during.posts
    await eventually(async () => made.look === posts)
    await eventually(async () => PAYERS.every(user => heard(user).includes('maybe')))
    for (const user of PAYERS) {
      assert.equal(heard(user).filter(text => text === 'Still working on it.').length, 1)
    }
    assert.ok(made.pay <= PAYERS.length * 3)
    assert.equal(made.keys.size, PAYERS.length)
    service.answer()
    await setTimeout(11_000)
    await Promise.all(PAYERS.map(user => post(house, user, 'pay')))
    await eventually(async () => PAYERS.every(user => heard(user).includes('paid')))
    process.stdout.write(`      ${JSON.stringify({ before, during, pays: made.pay })}\n`)
    assert.ok(during.p99 < 1_000, `${during.p99} ms`)
  }).timeout(120_000)
})
