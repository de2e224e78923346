import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Load, Round } from './contestant.ts'
import type { Answer, Task } from './program.ts'

// The benchmark runs compiled and, in specs, from its sources.
const FORM = extname(fileURLToPath(import.meta.url))
// Not the flags of this process: one that names a script to run would start it in every child.
const LOADER = FORM === '.ts' ? ['--import', 'tsx'] : []
const PROGRAM = fileURLToPath(new URL(`./program${FORM}`, import.meta.url))

/** One contestant in a process of its own. */
export class Side {
  readonly #contestant: string
  readonly #child: ChildProcess

  constructor(contestant: string, url: string, flags: readonly string[]) {
    this.#contestant = contestant
    const execArgv = [...LOADER, '--expose-gc', ...flags]
    this.#child = fork(PROGRAM, [url], { execArgv })
  }

  /** Runs a load once and leaves its commits in the file. */
  async record(load: Load, recording: string): Promise<void> {
    await this.#ask({ contestant: this.#contestant, load, recording, records: true })
  }

  async round(load: Load, recording: string): Promise<Round> {
    const round = await this.#ask({ contestant: this.#contestant, load, recording, records: false })
    if (round === null) throw new Error(`${this.#contestant} measured nothing.`)
    return round
  }

  /** Ends the process, which may still have a profile to write. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.disconnect()
    await ended
  }

  async #ask(task: Task): Promise<Round | null> {
    const stop = new AbortController()
    const { signal } = stop
    const ended = once(this.#child, 'exit', { signal }).then(([code]): Answer => {
      return { tag: 'failed', why: `the process ended with ${code}` }
    })
    const answered = once(this.#child, 'message', { signal }).then(([answer]) => answer as Answer)
    this.#child.send(task)
    try {
      const answer = await Promise.race([ended, answered])
      if (answer.tag === 'done') return answer.round
      throw new Error(`${this.#contestant}: ${answer.why}`)
    } finally {
      stop.abort()
      await Promise.allSettled([ended, answered])
    }
  }
}
