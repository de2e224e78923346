import type { At, Decision } from '../../conversation/decision.ts'
import {
  type ConversationRecord,
  HANDOVER_TIMER,
  SESSION_TIMER,
  WARNING_TIMER
} from '../../conversation/record.ts'
import type { OperatorCommand, TimerDue, TurnEvent } from '../../conversation/turn-event.ts'
import type { Build } from '../build.ts'
import { delivered } from './delivered.ts'
import { isNewer, upgrade } from './deploy.ts'
import { handedBack } from './handed-back.ts'
import { inbound } from './inbound.ts'
import { reset } from './reset.ts'
import { expire, warn } from './session.ts'
import { settled } from './settled.ts'
import { isReminder, reminded, told } from './told.ts'
import { committed, type Turn, turnOf } from './turn.ts'

const nothing: Decision = { tag: 'ignore', why: 'nothing to decide' }

type Decider<E> = (turn: Turn, event: E) => Decision

const deciders: Readonly<Record<TurnEvent['kind'], Decider<never> | undefined>> = {
  Inbound: inbound,
  CallSettled: settled,
  TimerDue: timerDue,
  Told: told,
  OperatorCommand: ordered,
  DeliveryUpdate: delivered,
  ReplyRefused: undefined
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
  const set = turn.timers.find(({ id, dueMs: due }) => id === timer && due === dueMs)
  if (set === undefined || dueMs > turn.at.nowMs)
    return { tag: 'ignore', why: 'the timer is not set' }
  if (isReminder(set)) return reminded(turn, set)
  if (timer === SESSION_TIMER) expire(turn)
  else if (timer === WARNING_TIMER) warn(turn)
  else if (timer === HANDOVER_TIMER) handedBack(turn, true)
  else turn.timers = Object.freeze(turn.timers.filter(({ id }) => id !== timer))
  return committed(turn)
}
