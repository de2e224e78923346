import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Changes } from './changes.ts'
import { sourceOf } from './child-program.ts'
import type { Said } from './lmdb-crowd.ts'

/** A crowd in a process of its own, and what it has said so far. */
export interface Crowd {
  readonly pid: number
  /** Highest version acknowledged to each conversation. */
  readonly acknowledged: ReadonlyMap<string, number>
  readonly refusals: readonly Extract<Said, { refused: string }>[]
  /** Resolves when this is so, looked at after each thing said; fails when the process ends. */
  until(what: () => boolean): Promise<void>
  kill(): Promise<void>
}

interface CrowdOptions {
  readonly conversations: number
  readonly recordBytes: number
}

/** Starts `lmdb-crowd` on this directory. */
export function startCrowd(path: string, { conversations, recordBytes }: CrowdOptions): Crowd {
  const child = fork(
    sourceOf('spec/support/lmdb-crowd.ts'),
    [path, String(conversations), String(recordBytes)],
    { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] }
  )
  const acknowledged = new Map<string, number>()
  const refusals: Extract<Said, { refused: string }>[] = []
  const changes = new Changes()
  let isOver = false
  child.on('message', (said: Said) => {
    if ('version' in said) acknowledged.set(said.id, said.version)
    else refusals.push(said)
    changes.happened()
  })
  const ended = exitOf(child).then(() => {
    isOver = true
    changes.happened()
  })
  return {
    pid: child.pid!,
    acknowledged,
    refusals,
    until: async what => {
      const so = await changes.until<'so' | 'over'>(
        () => (what() ? 'so' : isOver ? 'over' : undefined),
        () => `${acknowledged.size} conversations, ${refusals.length} refusals`
      )
      if (so === 'over') throw new Error('the crowd ended')
    },
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    }
  }
}

/** Sets the largest file that a process may write, as a disk that fills up does; null for any. */
export async function limitFiles(pid: number, bytes: number | null): Promise<void> {
  const limit = bytes === null ? 'unlimited' : String(bytes)
  const child = spawn('prlimit', ['--pid', String(pid), `--fsize=${limit}:unlimited`])
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`prlimit ended with ${code}`)
}

async function exitOf(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}
