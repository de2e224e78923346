import type { At, AuditNote, Decision } from '../conversation/decision.ts'
import type { Program } from '../conversation/program.ts'
import type { ConversationRecord, FlowFrame } from '../conversation/record.ts'
import type { RollbackCommand } from '../conversation/turn-event.ts'
import { whatWasThrown } from '../kernel/thrown.ts'
import type { Memory } from './memory.ts'

/**
 * The decision on an operator's rollback: the frame of the version, everything else as it is now;
 * or `ignore` with the reason, as a sentence for the operator.
 *
 * Never throws: a frame the bot cannot go on with must not be taken for a failure of the dialogue.
 */
export function rolledBack(
  program: Program,
  memory: Memory,
  state: ConversationRecord,
  event: RollbackCommand,
  at: At
): Exclude<Decision, { tag: 'defer' }> {
  const why = forbidden(memory, event)
  if (why !== null) return { tag: 'ignore', why }
  try {
    return restored(program, state, event, at)
  } catch (error) {
    return { tag: 'ignore', why: `The bot cannot go on from there: ${whatWasThrown(error)}` }
  }
}

function forbidden(
  { record, effectAt }: Memory,
  { version, acrossEffects }: RollbackCommand
): string | null {
  if (record === null) return 'There is no record to roll back.'
  if (effectAt <= version || acrossEffects) return null
  return `Version ${effectAt} began an effect; what was done outside is not undone.`
}

function restored(
  program: Program,
  state: ConversationRecord,
  event: RollbackCommand,
  at: At
): Exclude<Decision, { tag: 'defer' }> {
  const { flow: frame, signedIn, version, by, reason, acrossEffects } = event
  const decided = program.restore?.(state, frame, event, at) ?? bare(program, state, frame, at)
  if (decided.tag === 'defer') return { tag: 'ignore', why: 'The bot would let it wait.' }
  if (decided.tag === 'ignore') return decided
  const { next, call } = decided
  if (signedIn && next.core.member === null) {
    return { tag: 'ignore', why: 'The member was signed in then and is not now.' }
  }
  if (call !== null) return { tag: 'ignore', why: 'The bot would make a call.' }
  const wrong = program.record.is(next) ? program.invalid(next) : 'its data does not fit any more'
  if (wrong !== null) return { tag: 'ignore', why: `The bot cannot go on from there: ${wrong}.` }
  const note = { kind: 'rolledBack' as const, version, by, reason, acrossEffects }
  return { ...decided, audit: [note, ...decided.audit] }
}

/** For a bot that does not say how: the frame with a prompt instance of its own, said to nobody. */
function bare(
  program: Program,
  state: ConversationRecord,
  frame: FlowFrame,
  { commit: { epoch, version, nonce } }: At
): Decision {
  const instance = `${epoch}.${version}.0.${nonce}`
  const prompt = frame.prompt === null ? null : { ...frame.prompt, instance }
  const calls = state.calls.map(call => (call.attached ? { ...call, attached: false } : call))
  const next = { ...state, calls, flow: { ...frame, prompt } }
  const detached = state.calls.filter(({ attached }) => attached)
  const audit: AuditNote[] = [
    { kind: 'moved', from: placed(program, state), to: placed(program, next), by: 'operator' },
    ...detached.map(({ name, key }) => ({ kind: 'callDetached' as const, name, key }))
  ]
  return { tag: 'commit', next, replies: [], call: null, audit }
}

function placed(program: Program, state: ConversationRecord): string {
  const { flow, step } = program.place(state)
  return `${flow}.${step}`
}
