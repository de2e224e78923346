import type { Decision } from '../../conversation/decision.ts'
import type { Timer } from '../../conversation/record.ts'
import type { Told } from '../../conversation/turn-event.ts'
import { fail } from '../../kernel/failure.ts'
import type { Forget, Remind } from '../action.ts'
import { committed, placeOf, type Turn, viewOf, words } from './turn.ts'

const REMINDERS_MOST = 16
const OF_REMINDER = 'remind:'
/** How long a reminder waits for a quiet step to be left before it looks again, in ms. */
const QUIET_MS = 60_000

/**
 * The host speaks first. A quiet step refuses, so that the host may come again; what waited in the
 * inbox was taken already, and is said.
 */
export function told(turn: Turn, { event, data, waited }: Told): Decision {
  if (isQuiet(turn) && waited !== true) {
    return { tag: 'ignore', why: `the step ${placeOf(turn.flow)} is quiet` }
  }
  const why = sayOf(turn, event, data)
  return why === null ? committed(turn) : { tag: 'ignore', why }
}

/** Sets a reminder, in the place of one of its id. */
export function remind(turn: Turn, { id, atMs, event, data }: Remind): void {
  const where = `${placeOf(turn.flow)}: the reminder "${id}"`
  const on = turn.build.on?.[event]
  if (on === undefined) fail('CHP_DECISION_INVALID', `${where} names no event of the bot.`)
  if (!Number.isFinite(atMs)) fail('CHP_DECISION_INVALID', `${where} has no time.`)
  if (on.data.decode(data)._tag === 'Left')
    fail('CHP_DECISION_INVALID', `${where} has data that does not fit "${event}".`)
  const timer = Object.freeze({ id: OF_REMINDER + id, dueMs: atMs, what: event, data })
  const others = turn.timers.filter(other => other.id !== timer.id)
  if (others.filter(isReminder).length >= REMINDERS_MOST)
    fail('CHP_DECISION_INVALID', `${where} is one too many: ${REMINDERS_MOST} are set.`)
  turn.timers = Object.freeze([...others, timer])
}

export function forgetReminder(turn: Turn, { id }: Forget): void {
  turn.timers = Object.freeze(turn.timers.filter(timer => timer.id !== OF_REMINDER + id))
}

export function isReminder({ id }: Pick<Timer, 'id'>): boolean {
  return id.startsWith(OF_REMINDER)
}

/** A reminder is due: it is said and gone, or waits a little where the step is quiet. */
export function reminded(turn: Turn, timer: Timer): Decision {
  const others = turn.timers.filter(({ id }) => id !== timer.id)
  if (isQuiet(turn)) {
    const later = Object.freeze({ ...timer, dueMs: turn.at.nowMs + QUIET_MS })
    turn.timers = Object.freeze([...others, later])
    return committed(turn)
  }
  turn.timers = Object.freeze(others)
  const why = sayOf(turn, timer.what, timer.data)
  if (why !== null) turn.audit.push({ kind: 'dropped', fields: [timer.id], why })
  return committed(turn)
}

function isQuiet({ build, flow }: Turn): boolean {
  return build.flows.get(flow.flow)?.quiet.includes(flow.step) === true
}

/** Says what an event of the bot says; why it cannot, or null. */
function sayOf(turn: Turn, event: string, data: unknown): string | null {
  const { on } = turn.build
  const tell = on !== undefined && Object.hasOwn(on, event) ? on[event] : undefined
  if (tell === undefined) return 'the bot knows no such event'
  const decoded = tell.data.decode(data)
  if (decoded._tag === 'Left') return 'the data does not fit its codec'
  const view = viewOf(turn)
  const said = { kind: 'text', text: words(turn, tell.say(decoded.right, view)) } as const
  const closed = tell.closed?.(decoded.right, view)
  turn.replies.push(closed === undefined ? said : { ...said, closed })
  return null
}
