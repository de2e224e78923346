import type { ConversationRecord, FlowFrame } from '../../conversation/record.ts'
import { whatWasThrown } from '../../kernel/thrown.ts'
import type { Build } from '../build.ts'

/**
 * The first of the bot's invariants that this state breaks, in words, or null.
 *
 * A frame of another flow version is left alone: it is brought up to this build or retired first.
 */
export function brokenInvariant(
  build: Build,
  { core, flow }: Pick<ConversationRecord, 'core' | 'flow'>
): string | null {
  if (build.invariants.length === 0 || !isOfThisBuild(build, flow)) return null
  for (const invariant of build.invariants) {
    const { name } = invariant
    try {
      if (!invariant.holds(core, flow)) return `invariant "${name}" does not hold`
    } catch (error) {
      return `invariant "${name}" threw: ${whatWasThrown(error)}`
    }
  }
  return null
}

function isOfThisBuild(build: Build, { flow, flowVersion, caller }: FlowFrame): boolean {
  if (build.flows.get(flow)?.version !== flowVersion) return false
  return caller === null || isOfThisBuild(build, caller)
}
