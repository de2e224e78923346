// A server of its own behind the WhatsApp webhook, which is hit at a place that was armed by
// `POST /arm?point=..&at=..&blow=..`. It appends what it does to an event log it may share.
import { appendFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock } from '../../../lib/kernel/clock.ts'
import { lmdbStore } from '../../../lib/lmdb.ts'
import { redisStore } from '../../../lib/redis.ts'
import { createRuntime } from '../../../lib/runtime/runtime.ts'
import { whatsapp } from '../../../lib/whatsapp.ts'
import { APP_SECRET, PHONE_NUMBER_ID } from '../../channel/whatsapp/a-post.ts'
import { ACCESS_TOKEN } from '../graph-stand-in.ts'
import { failingBot } from './failing-bot.ts'
import { type Blow, Failpoints } from './failpoints.ts'

const { REDIS_URL, DATA_DIR = '', GRAPH_URL = '', LEDGER_URL = '', INSTANCE = '' } = process.env
const { EVENTS = '', SCHEMA = '1', PORT = '0', AHEAD_MS = '0', QUEUED_MOST } = process.env
const queue = QUEUED_MOST === undefined ? {} : { queuedEvents: Number(QUEUED_MOST) }
const FAST = { everyMs: 1, burst: 100 }

const say = (fields: object): void => {
  process.stdout.write(`${JSON.stringify(fields)}\n`)
}
const points = new Failpoints()
let aheadMs = 0
points.onThaw = () => {
  aheadMs = Number(AHEAD_MS)
  say({ event: 'thawed', ms: performance.now() })
}
let hasMigrated = false
const isMigrating = (): boolean => {
  const was = hasMigrated
  hasMigrated = false
  return was
}
const store =
  REDIS_URL === undefined ? lmdbStore({ path: DATA_DIR }) : redisStore({ url: REDIS_URL })
const runtime = createRuntime({
  bot: failingBot(points, {
    schema: Number(SCHEMA),
    ledgerUrl: LEDGER_URL,
    onMigrated: () => {
      hasMigrated = true
    }
  }),
  store: points.store(store, isMigrating),
  instance: INSTANCE,
  // Its wall clock may be set forward while it stands still.
  clock: { ...systemClock, nowMs: () => systemClock.nowMs() + aheadMs },
  limits: { leaseMs: 2_000, sweepEveryMs: 200, ...queue },
  // One write a line, in the order in which the processes get to it.
  eventLog: line => appendFileSync(EVENTS, `${line}\n`)
})
const door = runtime.mount(
  points.channel(
    whatsapp({
      appSecret: APP_SECRET,
      accessToken: ACCESS_TOKEN,
      phoneNumberId: PHONE_NUMBER_ID,
      apiUrl: GRAPH_URL,
      pacing: { number: FAST, member: FAST }
    })
  )
)
runtime.on('turn', () => points.arrive('turn'))
const server = createServer((req, res) => {
  const asked = new URL(req.url ?? '', 'http://127.0.0.1')
  if (asked.pathname === '/arm') {
    const { point = '', at = '1', blow = 'kill' } = Object.fromEntries(asked.searchParams)
    points.arm(point, Number(at), blow as Blow)
    res.end()
    return
  }
  points.arrive('read')
  res.once('finish', () => {
    if (res.statusCode === 200) points.arrive('acked')
  })
  door.node(req, res)
})
await runtime.start()
server.listen(Number(PORT), '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  say({ event: 'listening', url: `http://127.0.0.1:${port}`, port })
})
process.once('SIGTERM', () => {
  const stopping = runtime.stop({ graceMs: 2_000 })
  setImmediate(() => points.arrive('stopping'))
  void stopping.then(() => {
    points.arrive('stopped')
    server.close()
    server.closeAllConnections()
  })
})
