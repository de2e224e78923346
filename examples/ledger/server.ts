import { join } from 'node:path'
import fastify, { type FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { createRuntime, type Policy, type PolicySource, type Runtime } from '../../lib/index.ts'
import { lmdbStore } from '../../lib/lmdb.ts'
import { type PrometheusMetrics, prometheusMetrics } from '../../lib/ops.ts'
import { redisStore } from '../../lib/redis.ts'
import { webchat } from '../../lib/webchat.ts'
import { whatsapp } from '../../lib/whatsapp.ts'
import { ledgerBot, ledgerClient } from './bot/ledger-bot.ts'
import { type LedgerHome, ledgerHome } from './ledger-home.ts'
import { serveMetrics } from './metrics-page.ts'
import type { Settings, WhatsAppAccount } from './settings.ts'

/** The bot server as it runs: one address, and one way to end it. */
export interface BotServer {
  readonly url: string
  /** Answers the posts that are in, then ends every connection and all that was started. */
  close(): Promise<void>
}

/**
 * Starts the ledger bot: the ledger service unless one is named, the runtime, the HTTP server.
 *
 * Nothing stays behind when a part of it cannot start.
 */
export async function startBotServer(
  settings: Settings,
  policy: Policy | PolicySource,
  logger: Logger
): Promise<BotServer> {
  const undo: (() => Promise<void>)[] = []
  const close = async (): Promise<void> => {
    for (const end of undo.splice(0).reverse()) await end()
  }
  try {
    const ledger = await reachLedger(settings, logger)
    undo.push(() => ledger.close())
    const metrics = settings.metrics === null ? null : prometheusMetrics({ process: true })
    const runtime = createRuntime({
      bot: ledgerBot({ ledger: ledgerClient({ url: ledger.url }) }),
      store: storeOf(settings, logger),
      logger,
      instance: settings.instance,
      policy,
      watchdog: {},
      ...(metrics === null ? {} : { metrics })
    })
    const app = await routes({ runtime, metrics }, settings, logger)
    undo.push(() => stop(runtime, app))
    await runtime.start()
    const address = await app.listen({ host: settings.host, port: settings.port })
    return { url: address, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Lets nobody in any more, finishes turns and answers them, and only then cuts connections. */
async function stop(runtime: Runtime, app: FastifyInstance): Promise<void> {
  const closed = app.close()
  await runtime.stop()
  app.server.closeAllConnections()
  await closed
}

function reachLedger(settings: Settings, logger: Logger): Promise<LedgerHome> {
  const { ledgerUrl, dataDir, ledgerControl: control } = settings
  return ledgerUrl === null
    ? ledgerHome(dataDir, { control, logger })
    : Promise.resolve({ url: ledgerUrl, close: () => Promise.resolve() })
}

function storeOf({ redis, durability, dataDir }: Settings, log: Logger) {
  if (redis === null) return lmdbStore({ path: join(dataDir, 'conversations') })
  // Settings let no other level come with Redis.
  const isNamed = durability !== null && durability !== 'embedded'
  return redisStore({ ...redis.place, log, ...(isNamed ? { durability } : {}) })
}

/** The routes; the channels read raw requests themselves, so no body is parsed before them. */
async function routes(
  { runtime, metrics }: { runtime: Runtime; metrics: PrometheusMetrics | null },
  settings: Settings,
  logger: Logger
): Promise<FastifyInstance> {
  const app = fastify({ logger: false })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))

  mountWhatsApp(app, runtime, settings.whatsapp, logger)
  const chat = runtime.mount(webchat({ title: 'Ledger bot', log: logger }))
  app.server.on('upgrade', (req, socket, head) => chat.upgrade(req, socket, head))
  app.get('/health/live', () => ({ live: true }))
  app.get('/health/ready', async (_request, reply) => {
    const ready = runtime.ready
    await reply.code(ready ? 200 : 503).send({ ready })
  })
  if (metrics !== null) {
    const token = settings.metrics?.token ?? null
    if (token === null) logger.warn({ event: 'metrics.open' }, 'whoever reaches it reads /metrics')
    serveMetrics(app, metrics, token)
  }
  app.get('/*', (request, reply) => {
    reply.hijack()
    chat.node(request.raw, reply.raw)
  })
  await app.ready()
  return app
}

function mountWhatsApp(
  app: FastifyInstance,
  runtime: Runtime,
  account: WhatsAppAccount | null,
  logger: Logger
): void {
  if (account === null) {
    const why = 'WHATSAPP_APP_SECRET is not set: unsigned posts are never accepted'
    logger.warn({ event: 'whatsapp.off' }, why)
    app.all('/webhooks/whatsapp', async (_request, reply) => {
      await reply.code(503).send({ error: 'whatsapp is not configured' })
    })
    return
  }
  const { verifyToken, ...rest } = account
  const door = runtime.mount(
    whatsapp({ ...rest, log: logger, ...(verifyToken === null ? {} : { verifyToken }) })
  )
  app.all('/webhooks/whatsapp', (request, reply) => {
    reply.hijack()
    door.node(request.raw, reply.raw)
  })
}
