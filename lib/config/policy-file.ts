import { readFileSync } from 'node:fs'
import { LineCounter, parseDocument } from 'yaml'
import { fail } from '../kernel/failure.ts'
import { type Policy, policyFrom } from '../supervision/policy.ts'

/**
 * Reads a supervision policy file (YAML).
 *
 * Fails with `CHP_POLICY_INVALID`: the file and line of a syntax error, or every wrong field.
 */
export function policyFile(path: string): Policy {
  const lines = new LineCounter()
  const document = parseDocument(readText(path), { lineCounter: lines })
  const [broken] = document.errors
  if (broken !== undefined) {
    const { line } = lines.linePos(broken.pos[0])
    return fail('CHP_POLICY_INVALID', `${path}:${line}: ${broken.code}, not readable as YAML.`)
  }
  return policyFrom(document.toJS({ maxAliasCount: 10 }))
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    return fail('CHP_POLICY_INVALID', `${path}: the file cannot be read.`, error)
  }
}
