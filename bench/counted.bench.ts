import { parseArgs } from 'node:util'
import { median } from './closed-loop.ts'
import { countingPairs, type Pair } from './counting.ts'
import { writeResults } from './report.ts'

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '15' },
    turns: { type: 'string', default: '10000' },
    results: { type: 'string', default: 'bench/results' }
  }
})

await main()

async function main(): Promise<void> {
  const batch = { pairs: Number(values.pairs), turns: Number(values.turns) }
  const rows: { readonly inFlight: number; readonly pairs: readonly Pair[] }[] = []
  console.log('| in flight | us a turn | counted | ratio |\n|---|---|---|---|')
  for (const inFlight of [1, 100]) {
    const pairs = await countingPairs(inFlight, batch)
    rows.push({ inFlight, pairs })
    const ratios = pairs.map(({ plainUs, countedUs }) => countedUs / plainUs)
    const middle = (of: (pair: Pair) => number): string => median(pairs.map(of)).toFixed(1)
    const [least, most] = [Math.min(...ratios), Math.max(...ratios)]
    const ratio = `${median(ratios).toFixed(3)} (${least.toFixed(3)}-${most.toFixed(3)})`
    const cells = [middle(({ plainUs }) => plainUs), middle(({ countedUs }) => countedUs), ratio]
    console.log(`| ${inFlight} | ${cells.join(' | ')} |`)
  }
  console.log(`\nWritten to ${writeResults(values.results, '-counted', { rows })}`)
}
