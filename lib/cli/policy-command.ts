import { parseArgs } from 'node:util'
import { policyFile } from '../config/policy-file.ts'
import { FAILURES, type FailureCode, type FailureTag } from '../kernel/failure.ts'
import { whatWasThrown } from '../kernel/thrown.ts'
import { type Judged, judge } from '../supervision/judge.ts'
import { defaultPolicy, isRepeating, type Policy } from '../supervision/policy.ts'
import { moduleAt } from './bot-module.ts'
import type { Terminal } from './terminal.ts'
import { Usage } from './usage.ts'

/** `chaperone policy check` and `chaperone policy explain`: reads a policy, changes nothing. */
export async function policyCommand(words: readonly string[], { say }: Terminal): Promise<number> {
  const { values, verb, path } = parsed(words)
  const line = (event: string, fields: object): void =>
    say(`${JSON.stringify({ event, ...fields })}\n`)
  const named = values.bot === undefined ? {} : { bot: (await moduleAt(values.bot)).bot }
  const policy = path === undefined ? defaultPolicy : policyFile(path, named)
  if (verb === 'check') {
    if (path === undefined) throw new Usage('Name the file with the policy.')
    const { rules, ladder } = policy
    line('policy.sound', { file: path, rules: rules.length, ladder })
    return 0
  }
  line('policy.explained', explained(policy, failedOf(values)))
  return 0
}

/** What would be done about a failure, and about the runs that follow it until it ends. */
function explained(policy: Policy, failed: Judged): object {
  const { pauseMostMs, ...verdict } = judge(policy, failed)
  const runs: object[] = []
  let last = verdict.act
  for (let attempt = failed.attempt + 1; isRepeating(last) && isBug(failed); attempt += 1) {
    const next = judge(policy, { ...failed, attempt })
    runs.push({ attempt, act: next.act, rule: next.rule, pauseMostMs: next.pauseMostMs })
    last = next.act
  }
  const { tag, code, attempt } = failed
  return { failure: tag, code, attempt, ...verdict, pauseMs: { from: 0, to: pauseMostMs }, runs }
}

function isBug({ tag }: Judged): boolean {
  return tag === 'Defect'
}

const text = { type: 'string' } as const
const OPTIONS = {
  failure: text,
  code: text,
  stage: text,
  flow: text,
  step: text,
  attempt: text,
  resets: text,
  bot: text
} as const

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values']

function parsed(words: readonly string[]): {
  readonly values: Values
  readonly verb: 'check' | 'explain'
  readonly path: string | undefined
} {
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      options: OPTIONS,
      allowPositionals: true
    })
    const [verb, path, more] = positionals
    if ((verb === 'check' || verb === 'explain') && more === undefined) {
      return { values, verb, path }
    }
    throw new Usage('Say "policy check FILE" or "policy explain [FILE]".')
  } catch (error) {
    if (error instanceof Usage) throw error
    throw new Usage(error instanceof Error ? error.message : whatWasThrown(error))
  }
}

const TYPICAL: Readonly<Record<FailureTag, FailureCode>> = {
  Refused: 'CHP_INPUT_INVALID',
  Unavailable: 'CHP_STORE_UNAVAILABLE',
  Conflict: 'CHP_COMMIT_CONFLICT',
  Gone: 'CHP_COMMIT_GONE',
  Corrupt: 'CHP_RECORD_CORRUPT',
  Defect: 'CHP_DECIDE_THREW'
}

function failedOf({ failure, code, attempt, resets, ...place }: Values): Judged {
  const said = code ?? failure ?? 'Defect'
  const known = Object.hasOwn(TYPICAL, said) ? TYPICAL[said as FailureTag] : said
  if (!Object.hasOwn(FAILURES, known)) {
    const tags = Object.keys(TYPICAL).join(', ')
    throw new Usage(`"${said}" is no failure: a code of docs/failures.md, or ${tags}.`)
  }
  const { stage = 'none', flow = 'none', step = 'none' } = place
  const { tag } = FAILURES[known as FailureCode]
  return {
    tag,
    code: known as FailureCode,
    stage,
    flow,
    step,
    attempt: numberOf('attempt', attempt ?? '1', 1),
    resets: numberOf('resets', resets ?? '0', 0)
  }
}

function numberOf(name: string, word: string, least: number): number {
  if (/^\d{1,5}$/.test(word) && Number(word) >= least) return Number(word)
  throw new Usage(`"--${name}" must be a whole number from ${least} on, and "${word}" is none.`)
}
