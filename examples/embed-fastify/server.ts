import fastify from 'fastify'
import { createRuntime } from '../../lib/index.ts'
import { lmdbStore } from '../../lib/lmdb.ts'
import { whatsapp } from '../../lib/whatsapp.ts'
import { bot } from '../first-bot/bot.ts'
import { account } from '../whatsapp-account.ts'

const { PORT = '3000', DATA_DIR = './data' } = process.env
const runtime = createRuntime({ bot, store: lmdbStore({ path: DATA_DIR }), instance: 'bot-1' })
const wa = runtime.mount(whatsapp(account))
const app = fastify()
await app.register(async hooks => {
  hooks.removeAllContentTypeParsers() // in here only: the webhook reads the raw body itself
  hooks.addContentTypeParser('*', (_request, _payload, done) => done(null))
  hooks.all('/webhooks/whatsapp', (request, reply) => {
    reply.hijack()
    wa.node(request.raw, reply.raw)
  })
})
await runtime.start()
await app.listen({ port: Number(PORT), host: '127.0.0.1' })
process.once('SIGTERM', () => void app.close().then(() => runtime.stop()))
