import { failureOf } from '../kernel/failure.ts'
import { whatWasThrown } from '../kernel/thrown.ts'
import { checkCommand, graphCommand, outlineCommand } from './check-command.ts'
import { migrateCommand } from './migrate-command.ts'
import { policyCommand } from './policy-command.ts'
import type { Terminal } from './terminal.ts'
import { Misfit, USAGE, Usage } from './usage.ts'

const COMMANDS = {
  check: checkCommand,
  graph: graphCommand,
  migrate: migrateCommand,
  outline: outlineCommand,
  policy: policyCommand
} as const

/**
 * Runs one command; gives the exit code.
 *
 * 0: done, nothing is left. 1: something is left, or it failed. 2: it was not understood.
 */
export async function run(words: readonly string[], terminal: Terminal): Promise<number> {
  const [command, ...rest] = words
  try {
    const known = command !== undefined && Object.hasOwn(COMMANDS, command)
    if (known) return await COMMANDS[command as keyof typeof COMMANDS](rest, terminal)
    if (command !== undefined && command !== 'help' && command !== '--help') {
      throw new Usage(`There is no command "${command}".`)
    }
    terminal.say(USAGE)
    return command === undefined ? 2 : 0
  } catch (error) {
    if (error instanceof Misfit) {
      terminal.say(`${error.message}\n`)
      return 2
    }
    if (error instanceof Usage) {
      terminal.say(`${error.message}\n\n${USAGE}`)
      return 2
    }
    const failed = failureOf(error)
    const why = failed === undefined ? whatWasThrown(error) : (error as Error).message
    const code = failed?.code ?? null
    terminal.say(`${JSON.stringify({ event: 'command.failed', code, why })}\n`)
    return 1
  }
}
