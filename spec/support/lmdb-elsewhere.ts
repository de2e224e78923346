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
  #remote: Remote | null = null
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
    const child = this.#remote?.child
    this.#remote = null
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  async #call(name: string, args: readonly unknown[]): Promise<unknown> {
    const { killed = 0, random, nowMs } = this.#options
    for (;;) {
      this.#remote ??= this.#started()
      const { child } = this.#remote
      const call = { number: ++this.#count, nowMs: nowMs(), name, args } as RemoteCall
      const answered = this.#remote.call(call)
      if (!REPEATED.includes(name) || random.fraction() >= killed) {
        const answer = await answered
        if (answer === null) throw new Error(`the process ended during ${name}`)
        return outcomeOf(answer)
      }
      this.#kills += 1
      const kill = setTimeout(() => child.kill('SIGKILL'), random.fraction() * 4)
      const [answer] = await Promise.all([answered, once(child, 'exit')])
      clearTimeout(kill)
      this.#remote = null
      if (answer !== null) return outcomeOf(answer)
    }
  }

  #started(): Remote {
    const { path, namespace } = this.#options
    const child = fork(sourceOf('spec/support/lmdb-remote.ts'), [path, namespace], {
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc']
    })
    return new Remote(child)
  }
}

/** A process, and who waits for its answers: each hears null when it ends without one. */
class Remote {
  readonly child: ChildProcess
  readonly #waiting = new Map<number, (answer: RemoteAnswer | null) => void>()

  constructor(child: ChildProcess) {
    this.child = child
    child.on('message', (answer: RemoteAnswer) => this.#settle(answer.number, answer))
    child.on('exit', () => {
      for (const number of this.#waiting.keys()) this.#settle(number, null)
    })
  }

  call(call: RemoteCall): Promise<RemoteAnswer | null> {
    const answered = new Promise<RemoteAnswer | null>(resolve => {
      this.#waiting.set(call.number, resolve)
    })
    this.child.send(call)
    return answered
  }

  #settle(number: number, answer: RemoteAnswer | null): void {
    this.#waiting.get(number)?.(answer)
    this.#waiting.delete(number)
  }
}

function outcomeOf(answer: RemoteAnswer): unknown {
  if ('failed' in answer) throw new Error(answer.failed)
  return answer.outcome
}
