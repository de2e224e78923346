import { parseArgs } from 'node:util'
import { type Piece, pieces } from './pieces.ts'
import { writeResults } from './report.ts'

const BATCHES = 15

const { values } = parseArgs({
  options: {
    'batch-ms': { type: 'string', default: '50' },
    results: { type: 'string', default: 'bench/results' }
  }
})

await main()

async function main(): Promise<void> {
  const rows: { readonly name: string; readonly us: number }[] = []
  console.log('| piece of a turn | us |\n|---|---|')
  const { all, close } = await pieces()
  for (const piece of all) {
    const us = await bestUs(piece, Number(values['batch-ms']))
    rows.push({ name: piece.name, us })
    console.log(`| ${piece.name} | ${us.toFixed(2)} |`)
  }
  console.log(`\nWritten to ${writeResults(values.results, '-decide', { rows })}`)
  await close()
}

/** The best of some batches: what disturbs a batch only ever makes it slower. */
async function bestUs({ run }: Piece, batchMs: number): Promise<number> {
  let times = 1
  let best = Number.POSITIVE_INFINITY
  for (let batch = 0; batch < BATCHES; ) {
    const startedMs = performance.now()
    await run(times)
    const tookMs = performance.now() - startedMs
    if (tookMs < batchMs && batch === 0) {
      times *= 2
      continue
    }
    best = Math.min(best, (tookMs * 1000) / times)
    batch += 1
  }
  return best
}
