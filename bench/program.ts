import type { Load, Round, Setup } from './contestant.ts'
import { chaperone, counted } from './contestants/chaperone.ts'
import { opt2 } from './contestants/opt2.ts'
import { shipped, shippedCorked } from './contestants/shipped.ts'
import { measured } from './measured.ts'
import { record } from './recording.ts'

/** What a program of the benchmark is asked to do. */
export interface Task {
  readonly contestant: string
  readonly load: Load
  readonly recording: string
  /** Write the recording instead of measuring. */
  readonly records: boolean
}

/** What it answers. */
export type Answer =
  | { readonly tag: 'done'; readonly round: Round | null }
  | { readonly tag: 'failed'; readonly why: string }

type Run = (task: Task, url: string) => Promise<Round | null>

const runs: Readonly<Record<string, Run>> = {
  chaperone: run(chaperone),
  counted: run(counted),
  shipped: run(shipped),
  shippedCorked: run(shippedCorked),
  opt2: run(opt2)
}

// One contestant a process: none runs on what the engine has learned of another.
process.on('message', (task: Task) => {
  void done(task).then(answer => process.send?.(answer))
})
process.once('disconnect', () => process.exit(0))

async function done(task: Task): Promise<Answer> {
  const [, , url = ''] = process.argv
  const taken = runs[task.contestant]
  try {
    if (taken === undefined) throw new Error(`There is no contestant "${task.contestant}".`)
    return { tag: 'done', round: await taken(task, url) }
  } catch (error) {
    return { tag: 'failed', why: error instanceof Error ? (error.stack ?? '') : String(error) }
  }
}

function run<T>(setup: Setup<T>): Run {
  return async ({ load, recording, records }, url) => {
    if (!records) return measured(setup, url, load, recording)
    await record(setup, url, load, recording)
    return null
  }
}
