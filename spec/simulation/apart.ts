import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { Simulation, SimulationOptions } from '../../lib/testing/sim/simulate.ts'

/** One life takes some 60 ms here, and far less than this on any machine, in ms. */
const LIFE_MOST_MS = 60_000
const GRACE_MS = 1_000

/** What a thread is given to live. */
export interface Life {
  readonly seed: number
  readonly options: Pick<SimulationOptions, 'without' | 'drop'>
}

/** What a thread says: what a life came to, or why it can live none. */
export type Said =
  | { readonly tag: 'lived'; readonly simulation: Simulation }
  | { readonly tag: 'refused'; readonly why: string }

/** A life that does not come to its end; its message says how that was seen. */
export class Endless extends Error {
  /** What ended its thread, where something was thrown: also that no memory was left. */
  readonly thrown: Error | null

  constructor(why: string, thrown: Error | null = null) {
    super(why)
    this.thrown = thrown
  }
}

/** The bot cannot live; the message says why, in one line. */
export class Refused extends Error {}

export interface ApartParts {
  /** Path of the module of the bot that lives; null: those of the simulator. */
  readonly bot?: string | null
  /** The program of the thread; default: that of this build. */
  readonly program?: string | URL
  /** How long one life may take, in ms of the machine's time; default 60,000. */
  readonly mostMs?: number
}

/** Lives one life after the other in a thread of its own: one that never ends can be ended. */
export class Apart {
  readonly #worker: Worker
  readonly #mostMs: number

  constructor({ bot = null, program = PROGRAM, mostMs = LIFE_MOST_MS }: ApartParts = {}) {
    this.#mostMs = mostMs
    this.#worker = startThread(program, { bot })
  }

  /** Rejects with `Endless`, or `Refused`; nothing more can be lived here then. */
  async live(seed: number, options: Life['options'] = {}): Promise<Simulation> {
    const said = await this.#said({ seed, options })
    if (said.tag === 'refused') throw new Refused(said.why)
    return said.simulation
  }

  close(): void {
    void this.#worker.terminate()
  }

  async #said(life: Life): Promise<Said> {
    const worker = this.#worker
    let limit: NodeJS.Timeout | undefined
    try {
      return await new Promise<Said>((resolve, reject) => {
        const ends = (why: string): void => reject(new Endless(why))
        worker.once('message', resolve)
        worker.once('error', error => reject(new Endless(`it threw ${error.name}`, error)))
        worker.once('exit', code => ends(`its thread ended with code ${code}`))
        const why = `it has not ended after ${this.#mostMs / 1_000} s`
        // Where the whole process stood still meanwhile, it has a moment to end.
        const late = (): void => void (limit = setTimeout(ends, GRACE_MS, why))
        limit = setTimeout(late, this.#mostMs)
        worker.postMessage(life)
      })
    } catch (error) {
      this.close()
      throw error
    } finally {
      clearTimeout(limit)
      for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event)
    }
  }
}

// A program of the house runs from its source and compiled; its threads run in the same form.
const FORM = extname(fileURLToPath(import.meta.url))
const PROGRAM = new URL(`./worker${FORM}`, import.meta.url)

function startThread(program: string | URL, workerData: object): Worker {
  if (FORM !== '.ts') return new Worker(program, { workerData })
  // The flag that names a loader comes too late for the first module of a thread (Node 20).
  const start = `import('tsx/esm/api').then(({ register }) => {
    register()
    return import(${JSON.stringify(String(program))})
  })`
  return new Worker(start, { eval: true, workerData })
}
