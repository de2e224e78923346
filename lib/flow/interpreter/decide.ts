import type { At, Decision } from '../../conversation/decision.ts'
import {
  type ConversationRecord,
  HANDOVER_TIMER,
  SESSION_TIMER,
  WARNING_TIMER
} from '../../conversation/record.ts'
import type { OperatorCommand, TimerDue, Told, TurnEvent } from '../../conversation/turn-event.ts'
import type { Build } from '../build.ts'
import { isNewer, upgrade } from './deploy.ts'
import { handedBack } from './handed-back.ts'
import { inbound } from './inbound.ts'
import { reset } from './reset.ts'
import { expire, warn } from './session.ts'
import { settled } from './settled.ts'
import { committed, type Turn, turnOf, viewOf, words } from './turn.ts'

const nothing: Decision = { tag: 'ignore', why: 'nothing to decide' }

type Decider<E> = (turn: Turn, event: E) => Decision

const deciders: Readonly<Record<TurnEvent['kind'], Decider<never> | undefined>> = {
  Inbound: inbound,
  CallSettled: settled,
  TimerDue: timerDue,
  Told: told,
  OperatorCommand: ordered,
  DeliveryUpdate: () => nothing
}

/** Decides one event: the whole meaning of a bot. Pure; throws only what the bot's code throws. */
export function decide(
  build: Build,
  state: ConversationRecord,
  event: TurnEvent,
  at: At
): Decision {
  const turn = turnOf(build, state, event, at)
  if (isNewer(build, state.flow))
    return { tag: 'ignore', why: 'the frame is newer than this build' }
  upgrade(turn)
  const decider = deciders[event.kind]
  return decider === undefined ? nothing : decider(turn, event as never)
}

function ordered(turn: Turn, event: OperatorCommand): Decision {
  if (event.command !== 'resume') return reset(turn.build, turn.before, event, turn.at)
  handedBack(turn, false)
  return committed(turn)
}

function timerDue(turn: Turn, { timer, dueMs }: TimerDue): Decision {
  const set = turn.timers.some(({ id, dueMs: due }) => id === timer && due === dueMs)
  if (!set || dueMs > turn.at.nowMs) return { tag: 'ignore', why: 'the timer is not set' }
  if (timer === SESSION_TIMER) expire(turn)
  else if (timer === WARNING_TIMER) warn(turn)
  else if (timer === HANDOVER_TIMER) handedBack(turn, true)
  else turn.timers = Object.freeze(turn.timers.filter(({ id }) => id !== timer))
  return committed(turn)
}

function told(turn: Turn, { event, data }: Told): Decision {
  const tell = turn.build.on?.[event]
  if (tell === undefined) return { tag: 'ignore', why: 'the bot knows no such event' }
  const decoded = tell.data.decode(data)
  if (decoded._tag === 'Left') return { tag: 'ignore', why: 'the data does not fit its codec' }
  const view = viewOf(turn)
  const said = { kind: 'text', text: words(turn, tell.say(decoded.right, view)) } as const
  const closed = tell.closed?.(decoded.right, view)
  turn.replies.push(closed === undefined ? said : { ...said, closed })
  return committed(turn)
}
