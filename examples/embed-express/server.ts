import express from 'express'
import { createRuntime } from '../../lib/index.ts'
import { lmdbStore } from '../../lib/lmdb.ts'
import { whatsapp } from '../../lib/whatsapp.ts'
import { bot } from '../first-bot/bot.ts'
import { account } from '../whatsapp-account.ts'

const { PORT = '3000', DATA_DIR = './data' } = process.env
const runtime = createRuntime({ bot, store: lmdbStore({ path: DATA_DIR }), instance: 'bot-1' })
const wa = runtime.mount(whatsapp(account))
const app = express()
app.all('/webhooks/whatsapp', wa.node) // before express.json(): it reads the raw body itself
app.use(express.json())
await runtime.start()
const server = app.listen(Number(PORT), '127.0.0.1')
process.once('SIGTERM', () => server.close(() => void runtime.stop()))
