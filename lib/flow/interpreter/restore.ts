import type { At, Decision } from '../../conversation/decision.ts'
import type { ConversationRecord, FlowFrame } from '../../conversation/record.ts'
import type { RollbackCommand } from '../../conversation/turn-event.ts'
import type { Build } from '../build.ts'
import { frozen } from '../frozen.ts'
import { isRetired, upgrade } from './deploy.ts'
import { flowOf, stepOf } from './frame.ts'
import { enterStep, perform } from './perform.ts'
import { open, shownBy } from './prompt.ts'
import { detach, dropNotice, expire, isLate, resume } from './session.ts'
import { committed, leave, setFlow, turnOf } from './turn.ts'

/**
 * Puts an older frame in the place of the one at hand. The prompt that was open then is shown again
 * under a new instance, with its attempts: buttons of the old one are no longer open.
 */
export function restore(
  build: Build,
  state: ConversationRecord,
  frame: FlowFrame,
  event: RollbackCommand,
  at: At
): Decision {
  const turn = turnOf(build, state, event, at)
  if (isLate(turn, at.nowMs)) expire(turn)
  detach(turn)
  dropNotice(turn)
  leave(turn, frozen(frame), 'operator')
  upgrade(turn)
  if (isRetired(turn)) {
    return { tag: 'ignore', why: `Flow "${frame.flow}" has changed since, and has no way up.` }
  }
  const { flow, prompt, validation } = turn.flow
  const { node } = stepOf(flowOf(build, flow), turn.flow.step)
  if (node.kind === 'handover') perform(turn, enterStep(turn, turn.flow.step))
  else if (prompt !== null) {
    resume(turn)
    if (prompt.step !== turn.flow.step) setFlow(turn, { ...turn.flow, step: prompt.step })
    open(turn, shownBy(turn, flow, prompt.step), { validation })
  }
  return committed(turn)
}
