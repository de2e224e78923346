import { parseArgs } from 'node:util'
import { startRedis } from '../spec/support/redis-server.ts'
import { type Contest, held } from './contest.ts'
import type { Load } from './contestant.ts'
import { countingIn, tableOf, verifiedIn, writeResults } from './report.ts'

const WARM_TURNS = 7
const TURNS = 35
/** Conversations by senders: enough messages for a rate, few enough for a coffee. */
const CONVERSATIONS: Readonly<Record<string, number>> = { 1: 100, 10: 300, 100: 800, 1000: 1000 }

const { values } = parseArgs({
  options: {
    'in-flight': { type: 'string', default: '1,10,100,1000' },
    rounds: { type: 'string', default: '5' },
    appendfsync: { type: 'string' },
    'profile-to': { type: 'string' },
    results: { type: 'string', default: 'bench/results' }
  }
})

await main()

async function main(): Promise<void> {
  const { appendfsync } = values
  const durable = appendfsync === undefined ? {} : { appendonly: 'yes', appendfsync }
  const redis = await startRedis(durable)
  const stop = (): void => {
    void redis.stop().then(() => process.exit(1))
  }
  process.once('SIGINT', stop).once('SIGTERM', stop)
  try {
    const contest: Contest = {
      url: redis.url,
      loads: values['in-flight'].split(',').map(loadOf),
      rounds: count(values.rounds, 'rounds'),
      profileTo: values['profile-to'] ?? null,
      say: line => process.stderr.write(`   ${line}\n`)
    }
    const outcomes = await held(contest)
    console.log(`Chaperone and its floors, appendfsync ${appendfsync ?? 'off'}\n`)
    console.log(tableOf(outcomes))
    console.log(`\n${countingIn(outcomes)}`)
    console.log(`\n${verifiedIn(outcomes)} conversations read back: every version, no gap.`)
    const path = writeResults(values.results, '', { appendfsync: appendfsync ?? 'off', outcomes })
    console.log(`Written to ${path}`)
  } finally {
    await redis.stop()
  }
}

function loadOf(text: string): Load {
  const inFlight = count(text, 'in-flight')
  const conversations = CONVERSATIONS[text] ?? Math.max(100, inFlight)
  return { inFlight, conversations, warmTurns: WARM_TURNS, turns: TURNS }
}

function count(text: string, name: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text)
  throw new Error(`--${name} takes whole numbers above 0, not "${text}".`)
}
