import { type Call, SESSION_TIMER, type Timer, WARNING_TIMER } from '../../conversation/record.ts'
import { signedOut } from '../core-accessors.ts'
import { bareFrame, flowOf } from './frame.ts'
import { dropKept, keptAt } from './kept.ts'
import { leave, setCore, type Turn, words } from './turn.ts'

/** True when a message that arrived then is no answer to anything of the session. */
export function isLate({ session }: Turn, arrivedAtMs: number): boolean {
  return session.deadline !== null && arrivedAtMs >= session.deadline
}

/** A member's message keeps the session going: deadline and timer move on. */
export function slide(turn: Turn, arrivedAtMs: number): void {
  const { session, build, at } = turn
  // What had waited is answered only now: its member has as long for the next message as any.
  const takenAtMs = Math.max(arrivedAtMs, at.nowMs)
  const deadline = Math.max(takenAtMs + build.session.idleMs, session.deadline ?? 0)
  turn.session = Object.freeze({
    ...session,
    startedAt: session.deadline === null ? arrivedAtMs : session.startedAt,
    lastMessageAt: arrivedAtMs,
    deadline
  })
  turn.timers = Object.freeze([
    ...otherTimers(turn),
    ...warnings(turn, deadline),
    Object.freeze({ id: SESSION_TIMER, dueMs: deadline, what: 'expire' })
  ])
}

/** The member wrote, to whomever: what a channel may send depends on when; the session stays. */
export function heard(turn: Turn, arrivedAtMs: number): void {
  const { session } = turn
  const lastMessageAt = Math.max(session.lastMessageAt, arrivedAtMs)
  turn.session = Object.freeze({ ...session, lastMessageAt })
}

function warnings({ build }: Turn, deadline: number): readonly Timer[] {
  const { warning } = build.session
  if (warning === null) return []
  const dueMs = deadline - warning.beforeMs
  return [Object.freeze({ id: WARNING_TIMER, dueMs, what: 'warn' })]
}

/** Says that the session is about to end, unless it has ended by now; nothing else changes. */
export function warn(turn: Turn): void {
  const { build, session, at } = turn
  turn.timers = Object.freeze(turn.timers.filter(({ id }) => id !== WARNING_TIMER))
  const { warning } = build.session
  if (warning === null || session.deadline === null || at.nowMs >= session.deadline) return
  turn.replies.push({ kind: 'text', text: words(turn, { key: warning.text, params: {} }) })
}

/** A dialogue that was put back is open for as long as any, and a session that runs as before. */
export function resume(turn: Turn): void {
  if (turn.session.deadline === null) renew(turn)
}

/** The session goes on from now, though nothing was said. */
export function renew(turn: Turn): void {
  const { lastMessageAt } = turn.session
  slide(turn, turn.at.nowMs)
  turn.session = Object.freeze({ ...turn.session, lastMessageAt })
}

/**
 * Ends the session silently: flow, member, account, token and cache go; the next answer is preceded
 * by the notice. What a running call comes to is still recorded, but no flow waits for it.
 */
export function expire(turn: Turn): void {
  const { core, build } = turn
  const fields = (['member', 'account', 'token', 'cache'] as const).filter(
    field => core[field] !== null
  )
  if (fields.length > 0) turn.audit.push({ kind: 'dropped', fields, why: 'expiry' })
  dropKept(turn, 'expiry')
  const kept = keptAt(turn)
  setCore(turn, signedOut(core))
  leave(turn, bareFrame(flowOf(build, build.start)), 'expiry', kept !== null)
  detach(turn)
  turn.timers = Object.freeze(otherTimers(turn))
  turn.session = Object.freeze({
    ...turn.session,
    deadline: null,
    notice: build.session.notice,
    ...(kept === null ? {} : { kept })
  })
}

/** Lets the attached call run on by itself: its outcome goes to the audit only. */
export function detach(turn: Turn): void {
  if (!turn.calls.some(({ attached }) => attached)) return
  turn.calls = Object.freeze(
    turn.calls.map((call): Call => {
      if (!call.attached) return call
      turn.audit.push({ kind: 'callDetached', name: call.name, key: call.key })
      return Object.freeze({ ...call, attached: false })
    })
  )
}

/** The notice is no longer owed, and nothing is kept to be gone on with. */
export function dropNotice(turn: Turn): void {
  dropKept(turn, 'started over')
  if (turn.session.notice === null) return
  turn.session = Object.freeze({ ...turn.session, notice: null })
}

function otherTimers({ timers }: Turn): Turn['timers'] {
  return timers.filter(({ id }) => id !== SESSION_TIMER && id !== WARNING_TIMER)
}
