import type { PartitionKeys } from '../keys.ts'
import { type RunScript, script } from './script.ts'

export const claimDueScript = script('claim-due')

/** Claims what is due in one partition. */
export function claimDue(
  run: RunScript,
  { due }: PartitionKeys,
  limit: number,
  leaseMs: number
): Promise<readonly string[]> {
  return run(claimDueScript, [1, due, limit, leaseMs], (ids: readonly string[]) => ids)
}
