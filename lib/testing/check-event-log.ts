import { fail } from '../kernel/failure.ts'
import type { Policy } from '../supervision/policy.ts'
import { answerRules, apartRules } from './event-log/answer-rules.ts'
import { callRules } from './event-log/call-rules.ts'
import { type EventLine, eventLines } from './event-log/event-line.ts'
import { historyRules, rollbackRules, schemaRules } from './event-log/history-rules.ts'
import { type Landed, Ledger } from './event-log/ledger.ts'
import { damageRules, dueRules, orderRules } from './event-log/order-rules.ts'
import { PolicyRules } from './event-log/policy-rules.ts'
import { ReplyRules } from './event-log/reply-rules.ts'
import { sendRules } from './event-log/send-rules.ts'
import type { Accuse, Court, Rule, Step, Violation } from './event-log/verdict.ts'

/** What a checker is told of the run that a log is of. */
export interface EventLogOptions {
  /** No two conversations share a message id. Default false. */
  readonly idsAreGlobal?: boolean
  /** Texts and secrets that may stand in no line. */
  readonly canaries?: readonly string[]
  /** The digest that a conversation must end with, worked out anew from its commits. */
  readonly fold?: (branch: readonly Landed[]) => string
  /** What supervisors do about failures; I16 is checked only when it is known. */
  readonly policy?: Policy
  /** Everything had time to come to its end: nothing may be left over. Default: as the log says. */
  readonly isHealed?: boolean
}

/** What a log shows. */
export interface EventLogVerdict {
  readonly lines: number
  readonly conversations: number
  /** Commits and deferrals that landed. */
  readonly commits: number
  /** In the order in which they were seen; empty when every promise was kept. */
  readonly violations: readonly Violation[]
}

const VIOLATIONS_MOST = 100

const REFUSALS: ReadonlySet<string> = new Set(['commit.conflict', 'commit.dup', 'commit.refused'])

/**
 * Checks what processes wrote through `eventLog` against the promises of the runtime, in time
 * linear in the lines.
 *
 * Lines of several processes of one store may stand in one log, in the order in which they were
 * written. Fails with `CHP_INPUT_INVALID` for a line that is no event of this layout, and for a log
 * without any event: who checks the wrong file must not read that every promise was kept.
 *
 * @example
 * const { violations } = checkEventLog(readFileSync('events.jsonl', 'utf8').split('\n'))
 */
export function checkEventLog(
  lines: readonly string[],
  { idsAreGlobal = false, canaries = [], isHealed, fold, policy }: EventLogOptions = {}
): EventLogVerdict {
  const events = eventLines(lines)
  if (events.length === 0) fail('CHP_INPUT_INVALID', 'The event log holds no event.')
  const violations: Violation[] = []
  const accuse: Accuse = (invariant, { conv, line }, detail) => {
    if (violations.length >= VIOLATIONS_MOST) return
    violations.push({ invariant, conversation: conv ?? null, detail, line })
  }
  const hasStore = events.some(({ kind }) => kind === 'stored')
  const ledger = new Ledger(hasStore)
  const court: Court = { ledger, accuse, hasStore }
  const rules: readonly Rule[] = [
    apartRules(court, { idsAreGlobal, canaries }, lines),
    historyRules(court, fold),
    rollbackRules(court),
    schemaRules(court),
    orderRules(court),
    dueRules(court),
    damageRules(court),
    answerRules(court),
    new ReplyRules(court),
    sendRules(court),
    callRules(court),
    ...(policy === undefined ? [] : [new PolicyRules(court, policy)])
  ]
  for (const line of events) {
    for (const step of stepsOf(court, line)) for (const rule of rules) rule.take(step)
  }
  const healed = isHealed ?? events.some(({ kind }) => kind === 'end')
  for (const rule of rules) rule.end(healed)
  const told = [...ledger.conversations]
  return {
    lines: events.length,
    conversations: told.filter(({ ever }) => ever.size > 0).length,
    commits: told.reduce((sum, { ever }) => sum + ever.size, 0),
    violations
  }
}

/** What a line says of the store: a commit that landed, or that is gone. */
function stepsOf({ ledger, hasStore }: Court, line: EventLine): readonly Step[] {
  const { kind, conv = '', key = '', parent } = line
  const nothing = { line, landed: null, before: undefined, lost: [] }
  if (kind === 'commit.try') {
    ledger.tried(line)
    const isEvidence = !hasStore && typeof parent === 'string'
    return isEvidence ? [landing(ledger, line, parent, (line.ver ?? 1) - 1), nothing] : [nothing]
  }
  if (REFUSALS.has(kind)) ledger.refused(line)
  if (kind === 'restored') {
    return [{ ...nothing, lost: ledger.restore(conv, line.ver ?? 0) }]
  }
  if (kind === 'erased') return [{ ...nothing, lost: ledger.erase(conv) }]
  const isEvidence = hasStore ? kind === 'stored' : kind === 'commit.ok' || kind === 'load'
  if (!isEvidence) return [nothing]
  const hidden = hasStore ? null : ledger.beneath(conv, key, line.ver)
  const beneath = hidden === null ? [] : [landing(ledger, line, hidden, (line.ver ?? 1) - 1)]
  return [...beneath, landing(ledger, line, key, line.ver)]
}

function landing(ledger: Ledger, line: EventLine, head: string, ver: number | undefined): Step {
  const { conv = '', wall, first } = line
  const before = ledger.of(conv).branch.at(-1)
  const seen = {
    wall,
    ...(ver === undefined ? {} : { ver }),
    ...(first === undefined ? {} : { first })
  }
  return { line, landed: ledger.land(conv, head, seen), before, lost: [] }
}
