import type { At } from '../../conversation/decision.ts'
import type { Program } from '../../conversation/program.ts'
import type { ConversationRecord } from '../../conversation/record.ts'
import type { TimerDue } from '../../conversation/turn-event.ts'
import { whatWasThrown } from '../../kernel/thrown.ts'
import { checkedState, type Fault } from './read-record.ts'

/** Whether a state will do. */
export type Tried =
  | { readonly tag: 'fit'; readonly record: ConversationRecord }
  | { readonly tag: 'unfit'; readonly fault: Fault }

/** Names no timer, so that nothing is decided; it only makes the bot look at the state. */
const CHECK: TimerDue = { kind: 'TimerDue', id: 'recovery', timer: 'recovery', dueMs: 0 }

/** The state when it is one of this bot; making it may throw. */
export function triedState(
  program: Program,
  state: ConversationRecord | (() => ConversationRecord)
): Tried {
  try {
    const checked = checkedState(program, typeof state === 'function' ? state() : state)
    if (checked.tag === 'valid') return { tag: 'fit', record: checked.record }
    if (checked.tag === 'invalid') return { tag: 'unfit', fault: checked.fault }
    return unfit('the state is of a newer build')
  } catch (error) {
    return unfit(`the first state threw: ${whatWasThrown(error)}`)
  }
}

/**
 * The state when a turn on it passes; the turn is decided and never committed.
 *
 * With `reset` the turn is tried on the menu that a reset of the state leads to.
 */
export function checkTurn(
  program: Program,
  state: ConversationRecord,
  at: At,
  by: 'turn' | 'reset' = 'turn'
): Tried {
  try {
    if (by === 'reset') {
      const menu = program.reset(state, CHECK, at)
      if (menu.tag !== 'commit') return unfit('its reset does not commit')
      const fit = triedState(program, menu.next)
      return fit.tag === 'fit' ? checkTurn(program, fit.record, at) : fit
    }
    const { tag } = program.decide(state, CHECK, at)
    return TAGS.has(tag) ? { tag: 'fit', record: state } : unfit('the check turn decided nothing')
  } catch (error) {
    return unfit(`the check turn threw: ${whatWasThrown(error)}`)
  }
}

const TAGS: ReadonlySet<unknown> = new Set(['commit', 'defer', 'ignore'])

function unfit(rule: string): Tried {
  return { tag: 'unfit', fault: { field: 'flow', rule } }
}
