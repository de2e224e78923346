import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { failureOf } from '../../lib/kernel/failure.ts'
import { whatWasThrown } from '../../lib/kernel/thrown.ts'
import { checkEventLog } from '../../lib/testing/check-event-log.ts'
import { INVARIANTS } from '../../lib/testing/event-log/verdict.ts'
import { shrink } from '../../lib/testing/sim/shrink.ts'
import {
  type Simulation,
  type SimulationOptions,
  simulate
} from '../../lib/testing/sim/simulate.ts'
import { transcriptOf } from '../../lib/testing/sim/transcript.ts'
import { type Asked, askedFor } from './asked-for.ts'
import { inParallel, type Totals } from './in-parallel.ts'
import { type OwnBot, ownBot } from './own-bot.ts'

// node main.js [--seeds n] [--seed s] [--without kind,kind] [--drop n,n] [--log file] [--bot file]
// Lives one life a seed; one seed alone is replayed byte for byte, and its log can be kept.
// node main.js --check file      Checks an event log instead.
// Exit code 1 when a promise was broken, 2 when it is not asked right, 141 (as of SIGPIPE) when
// nobody reads what it says.

// Who reads no further (`| head`) wants no more lives.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(141)
})
const asked = askedFor(process.argv.slice(2))
const own = typeof asked === 'string' || asked.bot === null ? {} : await ownBot(asked.bot)
const refused = typeof asked === 'string' ? asked : typeof own === 'string' ? own : null
if (typeof asked === 'string' || typeof own === 'string') {
  process.stderr.write(`sim: ${refused}\n`)
  process.exitCode = 2
} else if (asked.check !== null) {
  process.exitCode = checked(asked.check)
} else {
  const kept = await (asked.seeds === null ? replayed(asked, own) : searched(asked, own))
  process.exitCode = kept ? 0 : 1
}

function checked(path: string): number {
  if (!existsSync(path)) {
    process.stderr.write(`sim: there is no file ${path}\n`)
    return 2
  }
  try {
    const { lines, conversations, commits, violations } = checkEventLog(
      readFileSync(path, 'utf8').split('\n')
    )
    say(`${path}: ${lines} lines, ${conversations} conversations, ${commits} commits`)
    for (const { invariant, conversation, line, detail } of violations) {
      say(`${invariant} ${conversation ?? 'none'}, line ${line ?? 'none'}: ${detail}`)
    }
    return violations.length === 0 ? 0 : 1
  } catch (error) {
    process.stderr.write(`sim: ${failureOf(error)?.detail ?? whatWasThrown(error)}\n`)
    return 2
  }
}

async function replayed({ seed, options, log }: Asked, own: OwnBot): Promise<boolean> {
  const simulation = await simulate(seed, { ...options, ...own })
  const { lines, violations, faults } = simulation
  if (log !== null) keep(log, lines)
  const digest = createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 16)
  say(`seed ${seed}: ${totalsOf(simulation)}`)
  say(`faults: ${counted(faults)}`)
  say(`log: ${lines.length} lines, sha256 ${digest}`)
  const [violation] = violations
  if (violation === undefined) return true
  tell(simulation, violation)
  return false
}

function keep(path: string, lines: readonly string[]): void {
  try {
    writeFileSync(path, `${lines.join('\n')}\n`)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    process.stderr.write(`sim: the log cannot be kept in ${path}: ${code}\n`)
    process.exit(2)
  }
}

async function searched({ seed, seeds, options, bot }: Asked, own: OwnBot): Promise<boolean> {
  const startedMs = performance.now()
  say(`seeds ${seed} to ${seed + (seeds ?? 0) - 1}`)
  const { totals, failed } = await inParallel(seed, seeds ?? 0, options, bot)
  const seconds = (performance.now() - startedMs) / 1000
  say(`${totals.seeds} seeds in ${seconds.toFixed(1)} s`)
  say(meansOf(totals))
  say(`faults: ${counted(new Map(Object.entries(totals.faults)))}`)
  if (failed === null) return true
  say(`\nseed ${failed} breaks a promise; looking for a smaller life`)
  const live: typeof simulate = (one, given) => simulate(one, { ...given, ...own })
  const first = await live(failed, options)
  const [violation] = first.violations
  if (violation === undefined) {
    say('it does not when it is lived again: what differs between two runs of a seed is a bug')
    return false
  }
  const small = await shrink(first, violation, live)
  tell(small.simulation, small.violation)
  say(`\nagain: make sim ${again(failed, small.options, bot)}`)
  return false
}

function tell(simulation: Simulation, violation: Simulation['violations'][number]): void {
  const { invariant, conversation, detail, line } = violation
  say(`\nseed ${simulation.seed} breaks ${invariant}: ${INVARIANTS[invariant]}`)
  say(`conversation ${conversation ?? 'none'}, line ${line ?? 'none'}: ${detail}\n`)
  for (const told of transcriptOf(simulation.lines, conversation)) say(told)
}

function again(
  seed: number,
  { without = [], drop = new Set() }: SimulationOptions,
  bot: string | null
): string {
  const parts = [`SEED=${seed}`]
  if (bot !== null) parts.push(`BOT=${bot}`)
  if (without.length > 0) parts.push(`WITHOUT=${without.join(',')}`)
  if (drop.size > 0) parts.push(`DROP=${[...drop].join(',')}`)
  return parts.join(' ')
}

function totalsOf({ turns, commits, conversations, messages, lastedMs }: Simulation): string {
  const seconds = (lastedMs / 1000).toFixed(0)
  const counts = `${messages} messages, ${turns} turns, ${commits} commits`
  return `${counts}, ${conversations} conversations, ${seconds} s of its own time`
}

function meansOf({ seeds, turns, commits, conversations, strikes }: Totals): string {
  const mean = (count: number): string => (count / Math.max(1, seeds)).toFixed(1)
  const all = `${turns} turns, ${commits} commits, ${conversations} conversations`
  const means = [turns, commits, conversations, strikes].map(mean).join(', ')
  return `${all}, ${strikes} faults; a seed: ${means}`
}

function counted(faults: ReadonlyMap<string, number>): string {
  const sorted = [...faults].toSorted(([one], [other]) => (one < other ? -1 : 1))
  return sorted.length === 0 ? 'none' : sorted.map(([kind, n]) => `${kind} ${n}`).join(', ')
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
