import type { Decision } from '../../conversation/decision.ts'
import type { Call, FlowFrame } from '../../conversation/record.ts'
import type { CallSettled } from '../../conversation/turn-event.ts'
import { callOf, signerOf, specOf } from '../build.ts'
import { ownText } from '../catalogue.ts'
import type { Settling } from '../component.ts'
import { accessors, signedOut } from '../core-accessors.ts'
import type { Text } from '../text.ts'
import { isRetired, upgrade } from './deploy.ts'
import { flowOf, stepOf } from './frame.ts'
import { CALLS_MAX, moveTo, perform, retire, settle } from './perform.ts'
import { detach } from './session.ts'
import { committed, leave, setCore, setFlow, signedFrame, type Turn, words } from './turn.ts'

/** Takes the result of a call to the step that awaits or would repeat it, else to the audit. */
export function settled(turn: Turn, event: CallSettled): Decision {
  const call = turn.calls.find(({ key }) => key === event.key)
  if (call === undefined) return { tag: 'ignore', why: 'the call is not open' }
  if (call.unresolved === 'open' && event.result.tag !== 'answered')
    return { tag: 'ignore', why: 'that its outcome is unknown is known' }
  const settling = closeCall(turn, call, event)
  if (!call.attached) {
    const frame = call.unresolved === 'open' ? signedFrame(turn, call) : undefined
    if (frame !== undefined && settling.tag === 'answered') goOn(turn, call, settling, frame)
    else sayLate(turn, call, settling)
    keepUnresolved(turn, call, settling)
    return committed(turn)
  }
  if (event.renewed !== null)
    setCore(turn, accessors.refreshToken(turn.core, event.renewed as never, turn.at.nowMs))
  if (event.result.tag === 'memberUnknown') {
    setCore(turn, signedOut(turn.core))
    tellAside(turn, call, settling)
    perform(turn, moveTo(turn, turn.build.registration, 'relogin'))
  } else if (isRetired(turn)) {
    tellAside(turn, call, settling)
    perform(turn, retire(turn))
  } else hand(turn, call, settling)
  keepUnresolved(turn, call, settling)
  return committed(turn)
}

/**
 * The answer comes when its confirm is open again. A yes to what was answered by now would be a
 * second call, so the flow goes on as if the answer had come in time, or over at the menu.
 */
function goOn(turn: Turn, call: Call, settling: Settling, frame: FlowFrame): void {
  if (frame !== turn.flow) {
    leave(turn, frame, 'flow')
    upgrade(turn)
  }
  const step = isRetired(turn) ? null : signedStep(turn, call)
  detach(turn)
  if (step === null) {
    sayLate(turn, call, settling)
    return perform(turn, retire(turn))
  }
  setFlow(turn, { ...turn.flow, step })
  hand(turn, call, settling)
}

/** The step that the yes of the open confirm leads to; null when that is none, or one of many. */
function signedStep(turn: Turn, { name }: Call): string | null {
  const { steps } = flowOf(turn.build, turn.flow.flow)
  const signer = turn.flow.prompt?.step
  if (signer === undefined) return null
  const [step = null, ...others] = Object.entries(steps).flatMap(([step, node]) =>
    callOf(node)?.name === name && signerOf(node) === signer ? [step] : []
  )
  return others.length > 0 ? null : step
}

/** An effect that may have been done stays listed, once: what follows depends on its confirm. */
function keepUnresolved(turn: Turn, call: Call, settling: Settling): void {
  if (!mayBeDone(call, settling) || call.unresolved === 'left') return
  if (turn.calls.length + (turn.call === null ? 0 : 1) >= CALLS_MAX) return
  const kept: Call = { ...call, attached: false, unresolved: 'open' }
  turn.calls = Object.freeze([...turn.calls, Object.freeze(kept)])
}

function mayBeDone({ effect }: Call, settling: Settling): boolean {
  return effect && settling.tag === 'unreachable' && settling.known === 'unknown'
}

/** Takes a call off the list and notes what came of it; a misfit output counts as none. */
export function closeCall(
  turn: Turn,
  { key, name, attached }: Call,
  { result, attempts, renewed }: CallSettled
): Settling {
  turn.calls = Object.freeze(turn.calls.filter(other => other.key !== key))
  const settling = settlingOf(turn, name, result)
  const outcome = result.tag === 'memberUnknown' ? result.tag : outcomeOf(settling)
  const tried = { attempts, renewed: renewed !== null }
  turn.audit.push({ kind: 'callSettled', name, key, outcome, attached, ...tried })
  return settling
}

function settlingOf({ build }: Turn, name: string, result: CallSettled['result']): Settling {
  if (result.tag === 'memberUnknown') return { tag: 'unreachable', known: result.known }
  if (result.tag === 'unreachable') return result
  const { outcome, output } = result
  const outcomes = build.calls[name]?.outcomes ?? {}
  const codec = Object.hasOwn(outcomes, outcome) ? outcomes[outcome] : undefined
  const decoded = codec?.decode(output)
  return decoded?._tag === 'Right'
    ? { tag: 'answered', outcome, output: decoded.right }
    : { tag: 'unreachable', known: 'unknown' }
}

function outcomeOf(settling: Settling): string {
  return settling.tag === 'answered' ? settling.outcome : settling.tag
}

function hand(turn: Turn, call: Call, settling: Settling): void {
  const { node, component } = stepOf(flowOf(turn.build, turn.flow.flow), turn.flow.step)
  // The frame was moved by other means meanwhile, so nothing waits for this call any more.
  if (callOf(node)?.name !== call.name) return tellAside(turn, call, settling)
  perform(turn, settle(turn, component, specOf(node), settling))
}

/** The member awaits an outcome that no step is told of, so none has words for it. */
function tellAside(turn: Turn, call: Call, settling: Settling): void {
  sayLate(turn, call, settling)
  if (mayBeDone(call, settling)) tell(turn, ownText('unresolved'))
}

function sayLate(turn: Turn, { name }: Call, settling: Settling): void {
  if (settling.tag !== 'answered') return
  const late = turn.build.calls[name]?.late ?? {}
  const said = Object.hasOwn(late, settling.outcome) ? late[settling.outcome] : undefined
  if (said !== undefined) tell(turn, said)
}

// Nothing precedes it: a notice belongs to the answer of a message, which this is not.
function tell(turn: Turn, said: Text): void {
  turn.replies.push({ kind: 'text', text: words(turn, said) })
}
