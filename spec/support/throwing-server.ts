import { join } from 'node:path'
import { pino } from 'pino'
import { ledgerBot, ledgerClient } from '../../examples/ledger/bot/ledger-bot.ts'
import { createLedgerService } from '../../examples/ledger/service/ledger-service.ts'
import { systemClock, systemRandom } from '../../examples/ledger/service/surroundings.ts'
import { serveBot } from './serve-bot.ts'

// A program of its own: the ledger bot with a bug in one step, which tells of each run.
const { THROWS_AT = '', DATA_DIR = '' } = process.env
const logger = pino()
const service = await createLedgerService({
  clock: systemClock,
  random: systemRandom,
  logger,
  directory: join(DATA_DIR, 'ledger')
})
const { url } = await service.listen()
const fault = (step: string): void => {
  if (step !== THROWS_AT) return
  logger.info({ event: 'run', step })
  throw new TypeError('cannot read properties of a planted bug')
}
const runtime = await serveBot(ledgerBot({ ledger: ledgerClient({ url }), config: { fault } }))
runtime.on('parked', ({ event }) => logger.info({ event: 'parked', id: event }))
process.once('SIGTERM', () => void service.close())
