import { parentPort, workerData } from 'node:worker_threads'
import { simulate } from '../../lib/testing/sim/simulate.ts'
import type { Life, Said } from './apart.ts'
import { ownBot } from './own-bot.ts'

// Lives what it is told to, one life after the other.
const { bot: path } = workerData as { readonly bot: string | null }
const own = path === null ? {} : await ownBot(path)
// A life that throws ends the thread with its error.
parentPort?.on('message', (life: Life) => void lived(life))

async function lived({ seed, options }: Life): Promise<void> {
  const said: Said =
    typeof own === 'string'
      ? { tag: 'refused', why: own }
      : { tag: 'lived', simulation: await simulate(seed, { ...options, ...own }) }
  parentPort?.postMessage(said)
}
