import { pino } from 'pino'
import { chainProgram } from './chain-program.ts'
import { serveBot } from './serve-bot.ts'

// A program of its own: the bot that counts and chains what it takes, and tells of every turn.
const logger = pino()
const runtime = await serveBot(chainProgram())
runtime.on('turn', ({ event, version }) => logger.info({ event: 'turn', id: event.id, version }))
