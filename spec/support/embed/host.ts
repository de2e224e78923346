import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createRuntime } from '../../../lib/index.ts'
import { lmdbStore } from '../../../lib/lmdb.ts'
import { whatsapp } from '../../../lib/whatsapp.ts'
import { bot } from './bot.ts'

const { env } = process
const setting = (name: string): string => env[name] ?? ''

export const runtime = createRuntime({ bot, store: lmdbStore({ path: setting('DATA_DIR') }) })
export const door = runtime.mount(
  whatsapp({
    appSecret: setting('APP_SECRET'),
    accessToken: setting('ACCESS_TOKEN'),
    phoneNumberId: setting('PHONE_NUMBER_ID'),
    apiUrl: setting('GRAPH_URL')
  })
)

/** Listens, tells where, and stops cleanly when it is asked to. */
export async function serve(server: Server): Promise<void> {
  await runtime.start()
  server.listen(0, '127.0.0.1', () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    process.stdout.write(`${JSON.stringify({ event: 'listening', url })}\n`)
  })
  process.once('SIGTERM', () => {
    server.close(() => void runtime.stop())
  })
}
