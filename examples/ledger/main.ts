import { pino } from 'pino'
import { failureOf } from '../../lib/index.ts'
import { startBotServer } from './server.ts'
import { readSettings } from './settings.ts'

// Exit code of a program that was told nonsense (EX_CONFIG of sysexits.h).
const EXIT_CONFIG = 78

const settings = readSettings(process.env)
if ('host' in settings) {
  const logger = pino({ level: settings.logLevel })
  try {
    const server = await startBotServer(settings, logger)
    logger.info({ event: 'listening', url: server.url }, 'the ledger bot listens')
    let ending = false
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        // A second signal ends at once: every state is committed already.
        if (ending) process.exit(1)
        ending = true
        logger.info({ event: 'stopping', signal }, 'finishing turns')
        void server.close().then(() => {
          logger.info({ event: 'stopped' }, 'stopped')
        })
      })
    }
  } catch (error) {
    const failed = failureOf(error)
    const isSetting = failed?.tag === 'Refused'
    if (isSetting) process.stderr.write(`${(error as Error).message}\n`)
    logger.fatal({ event: 'refused-to-start', code: failed?.code, err: error }, 'not started')
    process.exitCode = isSetting ? EXIT_CONFIG : 1
  }
} else {
  for (const { setting, problem, hint } of settings) {
    process.stderr.write(`${setting}: ${problem}; ${hint}.\n`)
  }
  process.exitCode = EXIT_CONFIG
}
