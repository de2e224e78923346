import type { PartitionKeys } from '../keys.ts'
import { type RunScript, script } from './script.ts'

export const claimOwnScript = script('claim-own')

/** One conversation that may be claimed, with the key of its hash. */
export interface Candidate {
  readonly id: string
  readonly state: string
}

/** Claims those of one partition's conversations that this instance committed last. */
export function claimOwn(
  run: RunScript,
  { due }: PartitionKeys,
  candidates: readonly Candidate[],
  { instance, leaseMs }: { readonly instance: string; readonly leaseMs: number }
): Promise<readonly string[]> {
  const states = candidates.map(({ state }) => state)
  const ids = candidates.map(({ id }) => id)
  const args = [1 + states.length, due, ...states, `${instance}/`, leaseMs, ...ids]
  return run(claimOwnScript, args, (claimed: readonly string[]) => claimed)
}
