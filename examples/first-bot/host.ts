import { createServer } from 'node:http'
import { createRuntime } from '../../lib/index.ts'
import { lmdbStore } from '../../lib/lmdb.ts'
import { webchat } from '../../lib/webchat.ts'
import { bot } from './bot.ts'

const { PORT = '3000', DATA_DIR = './data' } = process.env
const store = lmdbStore({ path: DATA_DIR })
const runtime = createRuntime({ bot, store, instance: 'bot-1', logger: console })
const chat = runtime.mount(webchat({ title: 'A table for you' }))
await runtime.start()
createServer(chat.node).on('upgrade', chat.upgrade).listen(Number(PORT), '127.0.0.1')
console.log(`Chat with it: http://127.0.0.1:${PORT}`)
process.once('SIGTERM', () => void runtime.stop().finally(() => process.exit()))
