import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import type { Program } from '../../lib/conversation/program.ts'
import { createRuntime, type Runtime } from '../../lib/index.ts'
import { lmdbStore } from '../../lib/lmdb.ts'
import { redisStore } from '../../lib/redis.ts'
import { whatsapp } from '../../lib/whatsapp.ts'
import { APP_SECRET, PHONE_NUMBER_ID } from '../channel/whatsapp/a-post.ts'
import { ACCESS_TOKEN } from './graph-stand-in.ts'

const { env } = process

/**
 * Serves a bot behind the WhatsApp webhook on a plain HTTP server, as a process of its own.
 *
 * Settings by environment: `DATA_DIR` or `REDIS_URL`, `GRAPH_URL`, `INSTANCE`. `GET /<user>` shows
 * the stored conversation of that user.
 */
export async function serveBot(bot: Program): Promise<Runtime> {
  const { REDIS_URL, DATA_DIR = '', GRAPH_URL = '', INSTANCE = 'one' } = env
  const logger = pino({ level: 'debug' })
  const store =
    REDIS_URL === undefined ? lmdbStore({ path: DATA_DIR }) : redisStore({ url: REDIS_URL })
  const runtime = createRuntime({ bot, store, logger, instance: INSTANCE })
  const door = runtime.mount(
    whatsapp({
      appSecret: APP_SECRET,
      accessToken: ACCESS_TOKEN,
      phoneNumberId: PHONE_NUMBER_ID,
      apiUrl: GRAPH_URL,
      // One member is told more than any provider takes in this time.
      pacing: { number: { everyMs: 1, burst: 100 }, member: { everyMs: 1, burst: 100 } },
      log: logger
    })
  )
  const show = async (user: string): Promise<string> => {
    const address = { channel: 'whatsapp', account: PHONE_NUMBER_ID, user }
    return JSON.stringify(await runtime.conversation(address).inspect())
  }
  const server = createServer((req, res) => {
    if (req.method === 'POST') door.node(req, res)
    else void show((req.url ?? '').slice(1)).then(shown => res.end(shown))
  })
  await runtime.start()
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo
    logger.info({ event: 'listening', url: `http://127.0.0.1:${port}` })
  })
  process.once('SIGTERM', () => {
    server.close()
    void runtime.stop().then(() => server.closeAllConnections())
  })
  return runtime
}
