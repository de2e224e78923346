import { pino } from 'pino'
import type { Receipt } from '../../lib/channel/channel.ts'
import { prometheusMetrics } from '../../lib/ops.ts'
import { redisStore } from '../../lib/redis.ts'
import {
  type ConversationHandle,
  createRuntime,
  type RuntimeOptions
} from '../../lib/runtime/runtime.ts'
import { type Contestant, type Load, turnsOf } from '../contestant.ts'
import { formBot } from '../form-bot.ts'
import { type FormTurn, formTalk } from '../form-talk.ts'

/**
 * Chaperone as a host runs it: messages through `receive`, every check on, default supervision and
 * logging. No channel is mounted, so the receipts carry the replies.
 */
export function chaperone(url: string, load: Load): Promise<Contestant<Receipt>> {
  return runningWith({}, url, load)
}

/** The same with everything counted, and nobody looking. */
export function counted(url: string, load: Load): Promise<Contestant<Receipt>> {
  return runningWith({ metrics: prometheusMetrics() }, url, load)
}

async function runningWith(
  options: Pick<RuntimeOptions, 'metrics'>,
  url: string,
  load: Load
): Promise<Contestant<Receipt>> {
  const runtime = createRuntime({
    ...options,
    bot: formBot,
    // On a machine that is busy otherwise, a second is no sign of a lost command.
    store: redisStore({ url, commandTimeoutMs: 30_000 }),
    logger: pino({ level: 'info' }, pino.destination({ dest: '/dev/null', sync: false }))
  })
  await runtime.start()
  const talk = formTalk(turnsOf(load))
  const chats = Array.from({ length: load.conversations }, (_, at) =>
    runtime.conversation({ channel: 'bench', account: 'form', user: `+49151${10_000_000 + at}` })
  )
  return {
    take: (at, turn) =>
      chats[at]!.receive({
        id: `wamid.HBgL${at}.${turn}`,
        content: { kind: 'text', text: talk[turn]!.says }
      }),
    check: (receipt, _at, turn) => checkReceipt(receipt, turn, talk[turn]!),
    verify: turns => readBack(url, chats, turns),
    close: () => runtime.stop()
  }
}

function checkReceipt(receipt: Receipt, turn: number, { hears }: FormTurn): void {
  if (receipt.tag === 'committed' && receipt.version === turn + 1) {
    const last = receipt.replies.at(-1)
    if (last !== undefined && 'text' in last && last.text === hears) return
  }
  const got = JSON.stringify(receipt)
  throw new Error(`Turn ${turn}: version ${turn + 1} ending with "${hears}", not ${got}.`)
}

async function readBack(
  url: string,
  chats: readonly ConversationHandle[],
  turns: number
): Promise<void> {
  const store = redisStore({ url })
  await store.open({ idKey: new Uint8Array(32), sealKey: new Uint8Array(32) })
  try {
    for (const { id } of chats) {
      const { fence, newestHead } = await store.load(id)
      const rows = await store.history(id, { limit: turns })
      const versions = rows.map(({ row }) => (JSON.parse(row) as { version: number }).version)
      const isWhole = versions.length > 0 && versions.every((it, at) => it === turns - at)
      if (isWhole && fence?.version === turns && fence.head === newestHead) continue
      throw new Error(`A conversation of ${turns} turns ended at version ${fence?.version}.`)
    }
  } finally {
    await store.close()
  }
}
