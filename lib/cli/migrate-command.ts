import { migrate } from '../ops/migrate/migrate.ts'
import type { ConversationStore } from '../store/conversation-store.ts'
import { lmdbStore } from '../store/lmdb/lmdb-store.ts'
import { redisStore } from '../store/redis/redis-store.ts'
import { moduleAt } from './bot-module.ts'
import { type FlagValues, readWords } from './read-words.ts'
import type { Terminal } from './terminal.ts'
import { Usage } from './usage.ts'

/** `chaperone migrate`: brings all records of a store to a schema of a bot. */
export async function migrateCommand(
  words: readonly string[],
  { say, signal }: Terminal
): Promise<number> {
  const { values, path } = readWords(words, OPTIONS)
  const { bot, keys, store: own } = await moduleAt(path)
  const store = storeOf(values) ?? own
  if (store === undefined) throw new Usage('Say which store: --lmdb PATH or --redis URL.')
  const line = (event: string, fields: object): void =>
    say(`${JSON.stringify({ event, ...fields })}\n`)
  try {
    const report = await migrate(
      { bot, store, ...(keys === undefined ? {} : { keys }) },
      {
        ...numbers(values),
        dryRun: values['dry-run'] === true || values.verify === true,
        signal,
        onProgress: progress => line('migrate.progress', progress)
      }
    )
    line(values.verify === true ? 'migrate.verified' : 'migrate.ended', report)
    return isDone(report, values['dry-run'] === true) ? 0 : 1
  } finally {
    await store.close()
  }
}

// A dry run is well when every step would be.
function isDone(
  { stopped, failed, left }: { stopped: boolean; failed: number; left: number },
  isDry: boolean
): boolean {
  return !stopped && failed === 0 && (isDry || left === 0)
}

const OPTIONS = {
  to: { type: 'string' },
  'dry-run': { type: 'boolean' },
  verify: { type: 'boolean' },
  lmdb: { type: 'string' },
  redis: { type: 'string' },
  namespace: { type: 'string' },
  batch: { type: 'string' },
  'per-second': { type: 'string' }
} as const

type Values = FlagValues<typeof OPTIONS>

function numbers(values: Values): { to?: number; batch?: number; perSecond?: number } {
  const named = { to: values.to, batch: values.batch, perSecond: values['per-second'] }
  const given = Object.entries(named).flatMap(([name, text]) =>
    text === undefined ? [] : [[name, numberOf(name, text)] as const]
  )
  return Object.fromEntries(given)
}

function numberOf(name: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new Usage(`"${name}" must be a whole number, and "${text}" is none.`)
}

function storeOf({ lmdb, redis, namespace }: Values): ConversationStore | undefined {
  if (lmdb !== undefined && redis !== undefined) throw new Usage('Say one store, not two.')
  const named = namespace === undefined ? {} : { namespace }
  if (lmdb !== undefined) return lmdbStore({ path: lmdb, ...named })
  return redis === undefined ? undefined : redisStore({ url: redis, ...named })
}
