import type { Exported } from '../../conversation-store.ts'
import { exportedFrom } from '../../exported.ts'
import type { ConversationKeys } from '../keys.ts'
import { historyRowOf } from './recoverable.ts'
import { type RunScript, script } from './script.ts'

type Reply = readonly [
  fields: readonly string[],
  history: readonly string[],
  parked: readonly string[],
  scores: readonly [due: string, index: string, parked: string, held: string]
]

export const exportScript = script('export', 'standing')

/** All that is stored of one conversation. */
export function exported(run: RunScript, keys: ConversationKeys, id: string): Promise<Exported> {
  const { due, index, parked, held } = keys.partition
  const args = [7, keys.state, keys.history, keys.parked, due, index, parked, held, id]
  return run(exportScript, args, exportedOf)
}

function exportedOf([flat, history, parked, scores]: Reply): Exported {
  const fields = new Map<string, string>()
  for (let at = 0; at < flat.length; at += 2) fields.set(flat[at]!, flat[at + 1]!)
  const [wakeMs, index, parkedAt, held] = scores.map(numberOf)
  const taken = (name: string): string | null => {
    const text = fields.get(name) ?? null
    fields.delete(name)
    return text
  }
  return exportedFrom({
    standing: taken('m'),
    dueMs: numberOf(taken('u') ?? ''),
    acknowledgedThrough: Number(taken('a') ?? 0),
    minute: Number(taken('n') ?? 0),
    aliases: taken('l') ?? '',
    leadsTo: taken('p'),
    beneath: taken('t'),
    fields,
    history: history.map(historyRowOf).toReversed(),
    parked,
    wakeMs: wakeMs ?? null,
    listed: { index: index ?? null, parked: parkedAt ?? null, held: held ?? null }
  })
}

function numberOf(text: string): number | null {
  return text === '' ? null : Number(text)
}
