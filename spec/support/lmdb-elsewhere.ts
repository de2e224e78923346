import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Random } from '../../lib/kernel/random.ts'
import type { ConversationStore } from '../../lib/store/conversation-store.ts'
import { sourceOf } from './child-program.ts'
import type { RemoteAnswer, RemoteCall } from './lmdb-remote.ts'

/** Calls that may be repeated when nobody knows whether they happened. */
const REPEATED: readonly PropertyKey[] = ['commit', 'defer', 'erase', 'acknowledged', 'settleDue']

interface ElsewhereOptions {
  readonly path: string
  readonly namespace: string
  readonly nowMs: () => number
  /** Share of the calls that change something during which the process is killed. */
  readonly killed?: number
  readonly random: Random
}

/**
 * An embedded store that lives in another process.
 *
 * The process may be killed at any moment of a call; the same call is then made to a new one, as a
 * runtime does with a call of unknown outcome.
 */
export class Elsewhere {
  readonly store: ConversationStore
  readonly #options: ElsewhereOptions
  #child: ChildProcess | null = null
  #count = 0
  #kills = 0

  constructor(options: ElsewhereOptions) {
    this.#options = options
    const call =
      (name: string) =>
      (...args: unknown[]) =>
        this.#call(name, args)
    this.store = new Proxy({} as ConversationStore, { get: (_, name) => call(String(name)) })
  }

  get kills(): number {
    return this.#kills
  }

  async end(): Promise<void> {
    const child = this.#child
    this.#child = null
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  async #call(name: string, args: readonly unknown[]): Promise<unknown> {
    const { killed = 0, random, nowMs } = this.#options
    for (;;) {
      this.#child ??= this.#started()
      const child = this.#child
      const call = { number: ++this.#count, nowMs: nowMs(), name, args } as RemoteCall
      const answered = answerOf(child, call)
      child.send(call)
      if (!REPEATED.includes(name) || random.fraction() >= killed) {
        const answer = await answered
        if (answer === null) throw new Error(`the process ended during ${name}`)
        return outcomeOf(answer)
      }
      this.#kills += 1
      const kill = setTimeout(() => child.kill('SIGKILL'), random.fraction() * 4)
      const [answer] = await Promise.all([answered, once(child, 'exit')])
      clearTimeout(kill)
      this.#child = null
      if (answer !== null) return outcomeOf(answer)
    }
  }

  #started(): ChildProcess {
    const { path, namespace } = this.#options
    return fork(sourceOf('spec/support/lmdb-remote.ts'), [path, namespace], {
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc']
    })
  }
}

/** The answer to a call, or null when the process ended without one. */
function answerOf(child: ChildProcess, { number }: RemoteCall): Promise<RemoteAnswer | null> {
  return new Promise(resolve => {
    const heard = (answer: RemoteAnswer): void => {
      if (answer.number === number) end(answer)
    }
    const over = (): void => end(null)
    const end = (answer: RemoteAnswer | null): void => {
      child.off('message', heard)
      child.off('exit', over)
      resolve(answer)
    }
    child.on('message', heard)
    child.on('exit', over)
  })
}

function outcomeOf(answer: RemoteAnswer): unknown {
  if ('failed' in answer) throw new Error(answer.failed)
  return answer.outcome
}
