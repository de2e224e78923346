import { bucketOf, inboxText } from '../../commit-plan.ts'
import type { DeferOutcome, Deferral } from '../../conversation-store.ts'
import type { ConversationKeys } from '../keys.ts'
import { printNumbers, type RunScript, script, untilMsOf } from './script.ts'

type Reply =
  | readonly ['committed', version: string]
  | readonly ['duplicate' | 'conflict' | 'gone' | 'again']
  | readonly ['full', what: 'inbox']
  | readonly ['full', what: 'ids', until: number, now: number]

export const deferScript = script('defer', 'window', 'history', 'standing')

/** Appends to the inbox; the due index is named only when the due time turns out to be lower. */
export function defer(
  run: RunScript,
  keys: ConversationKeys,
  id: string,
  deferral: Deferral
): Promise<DeferOutcome> {
  const own = [keys.state, keys.history]
  const args = argumentsOf(id, deferral)
  return run(deferScript, [2, ...own, ...args], (reply: Reply) =>
    reply[0] === 'again'
      ? run(deferScript, [3, ...own, keys.partition.due, ...args], outcomeOf)
      : outcomeOf(reply)
  )
}

function argumentsOf(id: string, deferral: Deferral): (string | number)[] {
  const { epoch, head, fingerprint, row, history, dueMs } = deferral
  const print =
    fingerprint === null
      ? ['', '', '']
      : [`d${bucketOf(fingerprint)}`, ...printNumbers(fingerprint)]
  return [epoch, head, id, ...print, inboxText(row), history, dueMs ?? '']
}

function outcomeOf(reply: Reply): DeferOutcome {
  switch (reply[0]) {
    case 'committed':
      return { tag: 'committed', version: Number(reply[1]) }
    case 'full': {
      const untilMs = reply[1] === 'ids' ? untilMsOf(reply[2], reply[3]) : null
      return { tag: 'full', what: reply[1], untilMs }
    }
    case 'again':
      throw new Error('The defer script answered again with all keys named.')
    default:
      return { tag: reply[0] }
  }
}
