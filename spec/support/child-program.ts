import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { extname } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Changes } from './changes.ts'

// A spec runs from its source and compiled; its programs are started in the same form.
const FORM = extname(fileURLToPath(import.meta.url))

/** One line that a program logged. */
type LogLine = Readonly<Record<string, unknown>>

/** A program of the house as a process of its own. */
export interface ChildProgram {
  readonly pid: number
  /** Every line that it logged so far. */
  readonly log: readonly LogLine[]
  /** Everything it wrote, for what must not be in it. */
  readonly written: () => string
  /** The first line with this event, also when it is still to come; fails when the program ends. */
  event(name: string): Promise<LogLine>
  /** Lets a process that was stopped go on. */
  continue(): void
  /** Sends the signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<number | null>
  /** Resolves to the exit code, null when a signal ended it. */
  readonly ended: Promise<number | null>
}

/** Path of a source of the repository, for `startProgram`. */
export function sourceOf(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url)).replace(/\.ts$/, FORM)
}

/** The flags with which Node runs a program of this form. */
export function loaderOf(path: string): string[] {
  return path.endsWith('.ts') ? ['--import', 'tsx'] : ['--enable-source-maps']
}

/** Starts a program with these settings and no others of ours. */
export function startProgram(
  path: string,
  env: Readonly<Record<string, string>>,
  args: readonly string[] = []
): ChildProgram {
  const { PATH = '', TMPDIR } = process.env
  const child = spawn(process.execPath, [...loaderOf(path), path, ...args], {
    env: { PATH, ...(TMPDIR === undefined ? {} : { TMPDIR }), ...env },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  const log: LogLine[] = []
  const chunks: string[] = []
  const changes = new Changes()
  let isOver = false
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk.toString()))
  createInterface({ input: child.stdout }).on('line', line => {
    const parsed = lineOf(line)
    if (parsed === null) return
    log.push(parsed)
    changes.happened()
  })
  const written = (): string => chunks.join('')
  const ended = exitOf(child).finally(() => {
    isOver = true
    changes.happened()
  })
  return {
    log,
    written,
    ended,
    get pid() {
      return child.pid!
    },
    event: async name => {
      const line = await changes.until<LogLine | 'over'>(
        () => log.find(({ event }) => event === name) ?? (isOver ? 'over' : undefined),
        () => `no "${name}" of ${path}: ${written()}`
      )
      if (line === 'over') throw new Error(`${path} ended before "${name}": ${written()}`)
      return line
    },
    continue: () => {
      child.kill('SIGCONT')
    },
    end: async signal => {
      child.kill(signal)
      return ended
    }
  }
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  const [code] = (await once(child, 'close')) as [number | null]
  return code
}

function lineOf(line: string): LogLine | null {
  if (!line.startsWith('{')) return null
  return JSON.parse(line) as LogLine
}
