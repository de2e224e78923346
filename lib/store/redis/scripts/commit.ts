import { bucketOf, type CommitPlan, planCommit } from '../../commit-plan.ts'
import type { Commit, CommitOutcome } from '../../conversation-store.ts'
import { fenceOf, fenceText, readStanding, standingText } from '../../standing.ts'
import type { ConversationKeys } from '../keys.ts'
import { printNumbers, type RunScript, script, untilMsOf } from './script.ts'

type Reply =
  | readonly ['committed', due: string]
  | readonly ['duplicate']
  | readonly ['conflict', standing: string, head: string]
  | readonly ['gone']
  | readonly ['oversize']
  | readonly ['full', what: 'inbox' | 'undelivered']
  | readonly ['full', what: 'ids', until: number, now: number]
  | readonly ['again', due: string]

export const commitScript = script('commit', 'window', 'history', 'standing')

/** Commits; a due time that is lower than the parent knew is asked about once more, keys named. */
export function commit(
  run: RunScript,
  keys: ConversationKeys,
  id: string,
  step: Commit
): Promise<CommitOutcome> {
  const plan = planCommit(step)
  const text = standingText(plan.next)
  const send = (named: boolean): Promise<CommitOutcome> =>
    run(commitScript, argumentsOf(keys, id, { step, plan, text, named }), (reply: Reply) =>
      reply[0] === 'again' && !named ? send(true) : outcomeOf(reply, { step, plan, text })
    )
  return send(plan.moves || lowersDue(step, plan))
}

interface Sent {
  readonly step: Commit
  readonly plan: CommitPlan
  /** The standing after the commit, spelt. */
  readonly text: string
}

function argumentsOf(
  keys: ConversationKeys,
  id: string,
  { step, plan, text, named }: Sent & { readonly named: boolean }
): (string | number)[] {
  const { parent, fingerprint, dueMs, held } = step
  const { before, next, removed, parked } = plan
  const { partition } = keys
  const [high, low] = fingerprint === null ? NO_PRINT : printNumbers(fingerprint)
  const args: (string | number)[] = []
  if (held !== null || parked.length > 0) {
    args.push(held === null ? 6 : 7, keys.state, keys.history, partition.due, partition.index)
    args.push(keys.parked, partition.parked)
    if (held !== null) args.push(partition.held)
  } else if (named) args.push(4, keys.state, keys.history, partition.due, partition.index)
  else args.push(2, keys.state, keys.history)
  args.push(
    parent === null ? '' : fenceText(parent),
    text,
    id,
    fingerprint === null ? '' : `d${bucketOf(fingerprint)}`,
    high,
    low,
    next.version,
    refusalText(plan),
    dueMs ?? '',
    plan.moves || parked.length > 0 || held !== null ? plan.minute : '',
    plan.acknowledgedThrough,
    plan.lastSequence,
    before.outBase,
    next.outBase,
    `${step.head} ${step.history}`,
    removed.length,
    parked.length,
    held === null ? '' : held ? 'held' : 'free'
  )
  for (const field of removed) args.push(field)
  for (const row of parked) args.push(row)
  for (const text of plan.refusal === null ? plan.written : []) args.push(text)
  return args
}

function outcomeOf(reply: Reply, { step, plan, text }: Sent): CommitOutcome {
  switch (reply[0]) {
    case 'committed': {
      const { next, minute } = plan
      const dueMs = reply[1] === '' ? null : Number(reply[1])
      const fence = fenceOf(next, { dueMs, minute }, text)
      return { tag: 'committed', fence, firstSequence: next.outNext - step.replies.length, dueMs }
    }
    case 'conflict': {
      const { version, epoch } = readStanding(reply[1])
      const ancestor = reply[2] === '' ? null : reply[2]
      return { tag: 'conflict', version, epoch: epoch === '' ? null : epoch, ancestor }
    }
    case 'full': {
      const untilMs = reply[1] === 'ids' ? untilMsOf(reply[2], reply[3]) : null
      return { tag: 'full', what: reply[1], untilMs }
    }
    case 'oversize':
      return plan.refusal ?? { tag: 'oversize', bytes: Buffer.byteLength(step.record) }
    case 'duplicate':
      return { tag: 'duplicate' }
    case 'gone':
      return { tag: 'gone' }
    default:
      throw new Error(`The commit script answered ${reply[0]} with all keys named.`)
  }
}

function lowersDue({ dueMs }: Commit, { dueMs: set }: CommitPlan): boolean {
  return dueMs !== null && (set === null || dueMs < set)
}

function refusalText({ refusal }: CommitPlan): string {
  if (refusal === null) return ''
  return refusal.tag === 'full' ? refusal.what : refusal.tag
}

const NO_PRINT = ['', ''] as const
