import { createServer } from 'node:http'
import { createRuntime } from '../../lib/index.ts'
import { lmdbStore } from '../../lib/lmdb.ts'
import { whatsapp } from '../../lib/whatsapp.ts'
import { bot } from '../first-bot/bot.ts'
import { account } from '../whatsapp-account.ts'

const { PORT = '3000', DATA_DIR = './data' } = process.env
const runtime = createRuntime({ bot, store: lmdbStore({ path: DATA_DIR }), instance: 'bot-1' })
const wa = runtime.mount(whatsapp(account))
const server = createServer((req, res) => {
  if (req.url?.startsWith('/webhooks/whatsapp')) wa.node(req, res)
  else res.writeHead(404).end()
})
await runtime.start()
server.listen(Number(PORT), '127.0.0.1')
process.once('SIGTERM', () => server.close(() => void runtime.stop()))
