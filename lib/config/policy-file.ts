import { readFileSync } from 'node:fs'
import { type Document, isNode, LineCounter, parseDocument } from 'yaml'
import { fail } from '../kernel/failure.ts'
import { type Policy, type PolicyProblem, policyFrom } from '../supervision/policy.ts'

/**
 * Reads a supervision policy file (YAML), whole or not at all.
 *
 * Fails with `CHP_POLICY_INVALID`: the file and line of a syntax error, or of every wrong field.
 *
 * @example
 * const runtime = createRuntime({ bot, store, policy: policyFile('config/supervision.yaml') })
 */
export function policyFile(path: string): Policy {
  const lines = new LineCounter()
  const document = parseDocument(readText(path), { lineCounter: lines })
  const [broken] = document.errors
  if (broken !== undefined) {
    const { line } = lines.linePos(broken.pos[0])
    return fail('CHP_POLICY_INVALID', `${path}:${line}: ${broken.code}, not readable as YAML.`)
  }
  return policyFrom(read(path, document), found => {
    const place = `${path}:${lineOf(document, lines, found)}`
    return `${place}: ${[...found.path, found.problem].join(': ')}`
  })
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
