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

export const commitScript = script('commit')

/** Commits; a due time that was lower than expected is asked about once more, keys named. */
export async function commit(
  run: RunScript,
  keys: ConversationKeys,
  id: string,
  step: Commit
): Promise<CommitOutcome> {
  const plan = planCommit(step)
  const named = plan.moves || lowersDue(step, plan)
  const reply = (await run(commitScript, argumentsOf(keys, id, step, plan, named))) as Reply
  if (reply[0] !== 'again') return outcomeOf(reply, step, plan)
  const again = (await run(commitScript, argumentsOf(keys, id, step, plan, true))) as Reply
  return outcomeOf(again, step, plan)
}

function argumentsOf(
  keys: ConversationKeys,
  id: string,
  step: Commit,
  plan: CommitPlan,
  named: boolean
): (string | number)[] {
  const { parent, fingerprint, dueMs } = step
  const { before, next, removed, parked } = plan
  const { partition } = keys
  const [high, low] = fingerprint === null ? NO_PRINT : printNumbers(fingerprint)
  const args: (string | number)[] = []
  if (parked.length > 0) {
    args.push(6, keys.state, keys.history, partition.due, partition.index)
    args.push(keys.parked, partition.parked)
  } else if (named) args.push(4, keys.state, keys.history, partition.due, partition.index)
  else args.push(2, keys.state, keys.history)
  args.push(
    parent === null ? '' : fenceText(parent),
    standingText(next),
    id,
    fingerprint === null ? '' : `d${bucketOf(fingerprint)}`,
    high,
    low,
    next.version,
    refusalText(plan),
    dueMs ?? '',
    plan.moves || parked.length > 0 ? plan.minute : '',
    plan.acknowledgedThrough,
    plan.lastSequence,
    before.outBase,
    next.outBase,
    `${step.head} ${step.history}`,
    removed.length,
    parked.length
  )
  for (const field of removed) args.push(field)
  for (const row of parked) args.push(row)
  for (const text of plan.refusal === null ? plan.written : []) args.push(text)
  return args
}

function outcomeOf(reply: Reply, step: Commit, plan: CommitPlan): CommitOutcome {
  switch (reply[0]) {
    case 'committed': {
      const dueMs = reply[1] === '' ? null : Number(reply[1])
      const { next } = plan
      const firstSequence = next.outNext - step.replies.length
      return {
        tag: 'committed',
        fence: fenceOf(next, { dueMs, minute: plan.minute }),
        firstSequence,
        dueMs
      }
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

function lowersDue({ dueMs }: Commit, { before }: CommitPlan): boolean {
  return dueMs !== null && (before.dueMs === null || dueMs < before.dueMs)
}

function refusalText({ refusal }: CommitPlan): string {
  if (refusal === null) return ''
  return refusal.tag === 'full' ? refusal.what : refusal.tag
}

const NO_PRINT = ['', ''] as const
