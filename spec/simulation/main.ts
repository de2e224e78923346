import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { failureOf } from '../../lib/kernel/failure.ts'
import { whatWasThrown } from '../../lib/kernel/thrown.ts'
import { checkEventLog } from '../../lib/testing/check-event-log.ts'
import { INVARIANTS, type Violation } from '../../lib/testing/event-log/verdict.ts'
import { type Shrunk, shrink } from '../../lib/testing/sim/shrink.ts'
import type { Simulation, SimulationOptions } from '../../lib/testing/sim/simulate.ts'
import { transcriptOf } from '../../lib/testing/sim/transcript.ts'
import { Apart, Endless, Refused } from './apart.ts'
import { type Asked, askedFor } from './asked-for.ts'
import { inParallel, type Totals } from './in-parallel.ts'

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
process.exitCode = typeof asked === 'string' ? refused(asked) : await answered(asked)

async function answered(given: Asked): Promise<number> {
  if (given.check !== null) return checked(given.check)
  try {
    return (await (given.seeds === null ? replayed(given) : searched(given))) ? 0 : 1
  } catch (error) {
    if (error instanceof Refused) return refused(error.message)
    throw error
  }
}

function refused(why: string): number {
  process.stderr.write(`sim: ${why}\n`)
  return 2
}

function checked(path: string): number {
  const lines = linesOf(path)
  if (typeof lines === 'string') return refused(lines)
  try {
    const { lines: count, conversations, commits, violations } = checkEventLog(lines)
    say(`${path}: ${count} lines, ${conversations} conversations, ${commits} commits`)
    for (const { invariant, conversation, line, detail } of violations) {
      say(`${invariant} ${conversation ?? 'none'}, line ${line ?? 'none'}: ${detail}`)
    }
    return violations.length === 0 ? 0 : 1
  } catch (error) {
    return refused(failureOf(error)?.detail ?? whatWasThrown(error))
  }
}

function linesOf(path: string): readonly string[] | string {
  try {
    return readFileSync(path, 'utf8').split('\n')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? `there is no file ${path}` : `${path} cannot be read: ${code}`
  }
}

async function replayed({ seed, options, log, bot }: Asked): Promise<boolean> {
  const apart = new Apart({ bot })
  try {
    const simulation = await apart.live(seed, options)
    if (log !== null) keep(log, simulation.lines)
    tellWhole(simulation)
    const [violation] = simulation.violations
    if (violation !== undefined) tell(simulation, violation)
    return violation === undefined
  } catch (error) {
    if (error instanceof Endless) return tellEndless(seed, error)
    throw error
  } finally {
    apart.close()
  }
}

function tellWhole(simulation: Simulation): void {
  const { seed, lines, faults } = simulation
  const digest = createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 16)
  say(`seed ${seed}: ${totalsOf(simulation)}`)
  say(`faults: ${counted(faults)}`)
  say(`log: ${lines.length} lines, sha256 ${digest}`)
}

function keep(path: string, lines: readonly string[]): void {
  try {
    writeFileSync(path, `${lines.join('\n')}\n`)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Refused(`the log cannot be kept in ${path}: ${code}`)
  }
}

async function searched({ seed, seeds, options, bot }: Asked): Promise<boolean> {
  const startedMs = performance.now()
  say(`seeds ${seed} to ${seed + (seeds ?? 0) - 1}`)
  const { totals, failed, endless } = await inParallel(seed, seeds ?? 0, options, bot)
  const seconds = (performance.now() - startedMs) / 1000
  say(`${totals.seeds} seeds in ${seconds.toFixed(1)} s`)
  say(meansOf(totals))
  say(`faults: ${counted(new Map(Object.entries(totals.faults)))}`)
  if (failed === null) return true
  if (endless !== null) return tellEndless(failed, endless)
  say(`\nseed ${failed} breaks a promise; looking for a smaller life`)
  const apart = new Apart({ bot })
  try {
    const first = await apart.live(failed, options)
    const [violation] = first.violations
    if (violation === undefined) {
      say('it does not when it is lived again: what differs between two runs of a seed is a bug')
      return false
    }
    const small = await smaller(apart, first, violation)
    tell(small.simulation, small.violation)
    say(`\nagain: make sim ${again(failed, small.options, bot)}`)
    return false
  } catch (error) {
    if (error instanceof Endless) return tellEndless(failed, error)
    throw error
  } finally {
    apart.close()
  }
}

type Small = Pick<Shrunk, 'options' | 'simulation' | 'violation'>

async function smaller(apart: Apart, first: Simulation, violation: Violation): Promise<Small> {
  try {
    return await shrink(first, violation, (one, given = {}) => apart.live(one, given))
  } catch (error) {
    if (!(error instanceof Endless)) throw error
    // What is left out makes it endless: then it is told as it is.
    const { without, drop } = first
    return { options: { without, drop }, simulation: first, violation }
  }
}

function tellEndless(seed: number, { message, thrown }: Endless): false {
  say(`\nseed ${seed} does not come to its end: ${message}`)
  if (thrown?.stack !== undefined) say(thrown.stack)
  return false
}

function tell(simulation: Simulation, violation: Violation): void {
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
