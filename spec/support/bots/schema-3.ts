// The bot of schema 3, as the command line is given one.
import { migratingBot } from '../migrating-bot.ts'

export const bot = migratingBot(3)
