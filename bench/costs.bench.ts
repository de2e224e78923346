import { parseArgs } from 'node:util'
import { startRedis } from '../spec/support/redis-server.ts'
import { bareClient } from './bare-client.ts'
import { median } from './closed-loop.ts'
import {
  COST_NAMES,
  type CostRounds,
  costRatios,
  costRounds,
  type RoundCost
} from './cost-rounds.ts'
import { CostBench, type CostLoad } from './costs.ts'
import { writeResults } from './report.ts'

const LOAD: CostLoad = { conversations: 200, commits: 60, inFlight: 100 }
const KINDS = ['scriptUs', 'threadUs', 'aofBytes', 'bytes'] as const

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    results: { type: 'string', default: 'bench/results' }
  }
})

await main()

async function main(): Promise<void> {
  const redis = await startRedis({
    appendonly: 'yes',
    appendfsync: 'everysec',
    'auto-aof-rewrite-percentage': '0'
  })
  const bench = new CostBench(await bareClient(redis.url))
  try {
    const say = (line: string): void => void process.stderr.write(`   ${line}\n`)
    const seen = await costRounds(bench, Number(values.rounds), LOAD, say)
    print(seen)
    const path = writeResults(values.results, '-costs', { seen: Object.fromEntries(seen) })
    console.log(`\nWritten to ${path}`)
  } finally {
    bench.close()
    await redis.stop()
  }
}

function print(seen: CostRounds): void {
  console.log('What a commit costs Redis\n')
  console.log('| commit | script us | main thread us | AOF bytes | bytes a conversation |')
  console.log('|---|---|---|---|---|')
  for (const [name, costs] of seen) {
    const cells = KINDS.map(kind => median(costs.map(cost => cost[kind])).toFixed(1))
    console.log(`| ${name} | ${cells.join(' | ')} |`)
  }
  console.log('\nRatios inside one round, median (least-most):')
  const { naive, full, young, old } = COST_NAMES
  for (const kind of ['threadUs', 'aofBytes'] as const) {
    console.log(`  ${kind}, ${full} to ${naive}: ${shown(costRatios(seen, [full, naive], kind))}`)
  }
  for (const kind of ['threadUs', 'aofBytes', 'bytes'] as const satisfies (keyof RoundCost)[]) {
    console.log(`  ${kind}, ${old} to ${young}: ${shown(costRatios(seen, [old, young], kind))}`)
  }
}

function shown(ratios: readonly number[]): string {
  const [least, most] = [Math.min(...ratios), Math.max(...ratios)]
  return `${median(ratios).toFixed(3)} (${least.toFixed(3)}-${most.toFixed(3)})`
}
