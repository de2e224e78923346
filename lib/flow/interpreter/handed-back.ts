import { specOf } from '../build.ts'
import { isRetired } from './deploy.ts'
import { flowOf, stepOf } from './frame.ts'
import { perform, retire, settle } from './perform.ts'
import { renew } from './session.ts'
import type { Turn } from './turn.ts'

/**
 * Takes the conversation back from a person, who gave it back or did not in time. The session goes
 * on from now; what was said up to now was said to that person.
 */
export function handedBack(turn: Turn, late: boolean): void {
  if (isRetired(turn)) return perform(turn, retire(turn))
  const { node, component } = stepOf(flowOf(turn.build, turn.flow.flow), turn.flow.step)
  if (node.kind !== 'handover') return
  renew(turn)
  turn.session = Object.freeze({ ...turn.session, heardUntil: turn.at.nowMs })
  perform(turn, settle(turn, component, specOf(node), { tag: 'handedBack', late }))
}

/** True for a message that was said to a person, though it is only taken now. */
export function wasSaidToPerson({ session }: Turn, arrivedAtMs: number): boolean {
  return session.heardUntil !== undefined && arrivedAtMs <= session.heardUntil
}
