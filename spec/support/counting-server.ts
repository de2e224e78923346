import { chainProgram } from './chain-program.ts'
import { serveBot } from './serve-bot.ts'

// A program of its own: the bot that counts and chains what it takes; see `serve-bot.ts`.
await serveBot(chainProgram())
