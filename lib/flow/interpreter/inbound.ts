import type { Decision } from '../../conversation/decision.ts'
import type { FlowFrame } from '../../conversation/record.ts'
import type { Inbound } from '../../conversation/turn-event.ts'
import { fail } from '../../kernel/failure.ts'
import type { Command } from '../bot-spec.ts'
import { callOf, specOf } from '../build.ts'
import { ownText } from '../catalogue.ts'
import type { Component, Said } from '../component.ts'
import { wordOf } from '../word.ts'
import { isRetired } from './deploy.ts'
import { flowOf, stepOf } from './frame.ts'
import { wasSaidToPerson } from './handed-back.ts'
import { enterStep, moveTo, offerKept, perform, retire, settle, write } from './perform.ts'
import { remind } from './prompt.ts'
import { refuseInput } from './refusal.ts'
import { detach, dropNotice, expire, heard, isLate, slide } from './session.ts'
import { committed, emit, type Turn, viewOf, words } from './turn.ts'

const PROGRESS_AFTER_MS = 4000

/**
 * Takes a member's message, in this order: a session that has run out, a call that is awaited,
 * a command, the open prompt, and last the step itself when nothing was asked yet.
 */
export function inbound(turn: Turn, event: Inbound): Decision {
  if (event.again !== true && wasSaidToPerson(turn, event.arrivedAtMs)) {
    turn.audit.push({ kind: 'saidToPerson', event: event.id })
    heard(turn, event.arrivedAtMs)
    return committed(turn)
  }
  if (isLate(turn, event.arrivedAtMs)) expire(turn)
  const command = commandOf(turn, event)
  const deferred = awaited(turn, command)
  if (deferred !== null) return deferred
  slide(turn, event.arrivedAtMs)
  if (command !== undefined) obey(turn, command)
  else if (isRetired(turn)) perform(turn, retire(turn))
  else answer(turn, event)
  return committed(turn)
}

function commandOf({ build }: Turn, { content }: Inbound): Command | undefined {
  return content.kind === 'text' ? build.commands.get(wordOf(content.text)) : undefined
}

/** While a call is attached messages wait; a command says so once, or lets a mere read go. */
function awaited(turn: Turn, command: Command | undefined): Decision | null {
  const call = turn.calls.find(({ attached }) => attached)
  if (call === undefined) return null
  if (command !== undefined && typeof command.do !== 'string') return null
  if (command !== undefined && !call.effect) {
    detach(turn)
    return null
  }
  const slow = turn.at.nowMs - call.openedAtMs > PROGRESS_AFTER_MS
  const progress =
    command !== undefined && slow
      ? ({ kind: 'text', text: words(turn, ownText('working')), note: 'progress' } as const)
      : null
  return { tag: 'defer', why: 'call', progress }
}

function obey(turn: Turn, command: Command): void {
  if (typeof command.do === 'string') {
    dropNotice(turn)
    perform(turn, moveTo(turn, command.do, 'command'))
    return
  }
  const said = words(turn, command.do.text)
  const waits = turn.calls.some(({ attached }) => attached)
  if (waits || isRetired(turn)) emit(turn, { kind: 'text', text: said })
  else remind(turn, said, turn.flow.validation)
}

/** Gives a message to the step at hand. */
export function answer(turn: Turn, { content }: Pick<Inbound, 'content'>): void {
  const { node, component } = stepOf(flowOf(turn.build, turn.flow.flow), turn.flow.step)
  const spec = specOf(node)
  const { prompt } = turn.flow
  // A step that was never entered has asked nothing: the message wakes it and is no answer.
  const asked = prompt !== null || node.kind === 'rest' || callOf(node)?.effect === true
  if (!asked) return perform(turn, woken(turn))
  if (component.receive === undefined) return perform(turn, settleStranded(turn, component, spec))
  if (content.kind !== 'choice' || node.kind === 'rest')
    return receive(turn, component, spec, content.kind === 'choice' ? notOffered : content)
  if (prompt === null || content.instance !== prompt.instance)
    return remind(turn, words(turn, ownText('stale')), turn.flow.validation)
  const offered = prompt.options.includes(content.option)
  receive(turn, component, spec, offered ? { kind: 'option', option: content.option } : notOffered)
}

function woken(turn: Turn): ReturnType<typeof enterStep> {
  const offered = turn.flow.flow === turn.build.menu ? offerKept(turn) : undefined
  return offered === undefined ? enterStep(turn, turn.flow.step) : offered
}

const notOffered: Said = { kind: 'notOffered' }

// A step that waits for a call which is no longer there: taken as not reached, so that nothing
// is signed and nothing is stuck.
function settleStranded(
  turn: Turn,
  component: Component,
  spec: unknown
): ReturnType<typeof enterStep> {
  return component.settle === undefined
    ? enterStep(turn, turn.flow.step)
    : settle(turn, component, spec, { tag: 'unreachable', known: 'unknown' })
}

function receive(turn: Turn, component: Component, spec: unknown, said: Said): void {
  const receipt = component.receive?.(spec, said, viewOf(turn))
  if (receipt === undefined) return
  if (receipt.tag === 'refused') {
    const textOnly = ownText('textOnly')
    const key = receipt.unreadable ? textOnly : (receipt.text ?? textOnly)
    const lines = [
      ...(receipt.unreadable ? [words(turn, textOnly)] : []),
      ...(receipt.text === null ? [] : [words(turn, receipt.text)])
    ]
    return perform(turn, refuseInput(turn, component, spec, key.key, lines.join('\n')))
  }
  if (receipt.patch !== null) writeOwn(turn, component, spec, receipt.patch)
  if (receipt.signed !== null) sign(turn, receipt.signed)
  perform(turn, { actions: receipt.next(viewOf(turn)), by: component })
}

function writeOwn(turn: Turn, component: Component, spec: unknown, patch: FlowFrame['data']): void {
  const own = component.fields?.(spec) ?? []
  const stray = Object.keys(patch).find(field => !own.includes(field))
  const { flow, step } = turn.flow
  const missing = own.find(field => patch[field] === undefined)
  if (stray !== undefined)
    fail('CHP_DECISION_INVALID', `${flow}.${step}: field "${stray}" is not one of its fields.`)
  if (missing !== undefined)
    fail('CHP_DECISION_INVALID', `${flow}.${step}: field "${missing}" was not read.`)
  write(turn, patch)
}

function sign(turn: Turn, option: string): void {
  const { prompt } = turn.flow
  if (prompt === null) return
  turn.audit.push({ kind: 'signed', instance: prompt.instance, option })
  if (option === 'confirm') turn.signed = prompt.instance
}
