import { promises, readFileSync } from 'node:fs'
import { isRight } from 'fp-ts/lib/Either.js'
import { tryCatch } from 'fp-ts/lib/TaskEither.js'
import { type Document, isNode, LineCounter, parseDocument } from 'yaml'
import type { Cancel, Clock } from '../kernel/clock.ts'
import { fail, failure, failureOf } from '../kernel/failure.ts'
import { whatWasThrown } from '../kernel/thrown.ts'
import type { Policy } from '../supervision/policy.ts'
import type { PolicyProblem } from '../supervision/policy-problem.ts'
import type { PolicyHears, PolicySource, ResetTargets } from '../supervision/policy-source.ts'
import { policyFrom } from '../supervision/read-policy.ts'

/**
 * Reads a supervision policy file (YAML), whole or not at all.
 *
 * Fails with `CHP_POLICY_INVALID`: the file and line of a syntax error, or of every wrong field.
 * With a `bot` the places that resets lead to are held against its flows, too.
 *
 * @example
 * const runtime = createRuntime({ bot, store, policy: policyFile('config/supervision.yaml') })
 */
export function policyFile(
  path: string,
  { bot = {} }: { readonly bot?: ResetTargets } = {}
): Policy {
  return policyIn(path, readText(path), bot)
}

/**
 * The same file, looked at again every `everyMs` (default 1,000 ms) while a runtime runs.
 *
 * A change holds from the next failure on, once two looks in a row found it; one that is wrong is
 * refused with its line and an alarm, and the old policy stays.
 *
 * @example
 * const policy = watchedPolicy('config/supervision.yaml')
 * const runtime = createRuntime({ bot, store, policy })
 */
export function watchedPolicy(
  path: string,
  { everyMs = 1_000 }: { readonly everyMs?: number } = {}
): PolicySource {
  let first: string | null = null
  return {
    read: bot => {
      first = readText(path)
      return policyIn(path, first, bot)
    },
    watch: (clock, bot, hears) => watching({ path, everyMs, clock, bot, hears }, first)
  }
}

interface Watching {
  readonly path: string
  readonly everyMs: number
  readonly clock: Clock
  readonly bot: ResetTargets
  readonly hears: PolicyHears
}

function watching({ path, everyMs, clock, bot, hears }: Watching, first: string | null): Cancel {
  let known = first
  let before = first
  let isOver = false
  let next: Cancel = () => undefined
  const take = (text: string | null): void => {
    // A file that is half written is another one at the next look.
    const isNew = text !== known && text === before
    before = text
    if (!isNew) return
    known = text
    try {
      hears.changed(policyIn(path, text ?? readText(path), bot))
    } catch (error) {
      const refused = failureOf(error)
      hears.refused(refused ?? failure('CHP_POLICY_INVALID', `${path}: it cannot be read.`, error))
    }
  }
  const look = async (): Promise<void> => {
    const text = await textAt(path)
    if (isOver) return
    take(text)
    next = clock.after(everyMs, () => void look())
  }
  next = clock.after(everyMs, () => void look())
  return () => {
    isOver = true
    next()
  }
}

/** Null while there is none: editors move a new file into the place of the old one. */
async function textAt(path: string): Promise<string | null> {
  const read = await tryCatch(() => promises.readFile(path, 'utf8'), whatWasThrown)()
  return isRight(read) ? read.right : null
}

function policyIn(path: string, text: string, targets: ResetTargets): Policy {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const [broken] = document.errors
  if (broken !== undefined) {
    const { line } = lines.linePos(broken.pos[0])
    return fail('CHP_POLICY_INVALID', `${path}:${line}: ${broken.code}, not readable as YAML.`)
  }
  const said = (found: PolicyProblem): string => {
    const { problem, hint } = found
    const place = `${path}:${lineOf(document, lines, found)}`
    const words = hint === undefined ? problem : `${problem} (${hint})`
    return `${place}: ${[...found.path, words].join(': ')}`
  }
  return policyFrom(read(path, document), { said, targets })
}

function read(path: string, document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 10 })
  } catch (error) {
    return fail('CHP_POLICY_INVALID', `${path}: its aliases cannot be followed.`, error)
  }
}

/** The line of a field, or of the nearest thing around it that is there. */
function lineOf(document: Document, lines: LineCounter, { path }: PolicyProblem): number {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const node: unknown = document.getIn(path.slice(0, depth), true)
    const start = isNode(node) ? node.range?.[0] : undefined
    if (start !== undefined) return lines.linePos(start).line
  }
  return 1
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    return fail('CHP_POLICY_INVALID', `${path}: the file cannot be read.`, error)
  }
}
