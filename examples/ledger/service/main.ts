import { join } from 'node:path'
import { pino } from 'pino'
import { createLedgerService } from './ledger-service.ts'
import { systemClock, systemRandom } from './surroundings.ts'

// The service as a process of its own: `npx tsx examples/ledger/service/main.ts`, then start the
// bot with the printed address as LEDGER_URL. The README beside this file names the settings.
const { env } = process
const logger = pino({ level: env['LOG_LEVEL'] ?? 'info' })

try {
  const service = await createLedgerService({
    clock: systemClock,
    random: systemRandom,
    logger,
    directory: join(env['DATA_DIR'] ?? './data', 'ledger'),
    control: env['LEDGER_CONTROL'] === 'on'
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void service.close())
  }
  await service.listen({ host: env['HOST'] ?? '127.0.0.1', port: Number(env['PORT'] ?? 0) })
} catch (cause) {
  logger.fatal({ event: 'ledger.refused-to-start', err: cause })
  process.exitCode = 1
}
