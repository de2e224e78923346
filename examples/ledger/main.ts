import { type Logger, pino } from 'pino'
import { defaultPolicy, failureOf, policyFile, watchedPolicy } from '../../lib/index.ts'
import { type BotServer, startBotServer } from './server.ts'
import { type Problem, readSettings, type Settings } from './settings.ts'
import { dataDirProblem, EXIT_CONFIG, startProblem } from './start-problem.ts'

const settings = readSettings(process.env)
if ('host' in settings) await start(settings)
else refuse(settings)

async function start(given: Settings): Promise<void> {
  const logger = pino({ level: given.logLevel })
  try {
    // Read once before anything is started, then followed while the bot runs.
    if (given.policyFile !== null) policyFile(given.policyFile)
    const policy = given.policyFile === null ? defaultPolicy : watchedPolicy(given.policyFile)
    const problem = dataDirProblem(given)
    if (problem !== null) {
      refuse([problem])
      return
    }
    const server = await startBotServer(given, policy, logger)
    logger.info({ event: 'listening', url: server.url }, 'the ledger bot listens')
    endOnSignal(server, logger)
  } catch (error) {
    giveUp(error, given, logger)
  }
}

function endOnSignal(server: BotServer, logger: Logger): void {
  let isEnding = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // A second signal ends at once: every state is committed already.
      if (isEnding) process.exit(1)
      isEnding = true
      logger.info({ event: 'stopping', signal }, 'finishing turns')
      void server.close().then(() => {
        logger.info({ event: 'stopped' }, 'stopped')
      })
    })
  }
}

function giveUp(error: unknown, given: Settings, logger: Logger): void {
  const problem = startProblem(error, given)
  const failed = failureOf(error)
  logger.fatal({ event: 'refused-to-start', code: failed?.code, err: error }, 'not started')
  if (problem !== null) {
    refuse([problem], problem.exitCode)
    return
  }
  const isSetting = failed?.tag === 'Refused'
  if (isSetting) process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = isSetting ? EXIT_CONFIG : 1
}

function refuse(problems: readonly Problem[], exitCode = EXIT_CONFIG): void {
  for (const { setting, problem, hint } of problems) {
    process.stderr.write(`${setting}: ${problem}; ${hint}.\n`)
  }
  process.exitCode = exitCode
}
