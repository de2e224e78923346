import type { Validation } from '../../conversation/record.ts'
import { fail } from '../../kernel/failure.ts'
import { specOf } from '../build.ts'
import type { Component } from '../component.ts'
import type { Text } from '../text.ts'
import { flowOf, stepOf, without } from './frame.ts'
import { open, remind, shownBy } from './prompt.ts'
import { type Deeds, placeOf, setFlow, type Turn, words } from './turn.ts'

/** The frame as before the answer: the step's fields gone, the text said, counted or not. */
export function turnDown(turn: Turn, step: string, text: Text, counted: boolean): Deeds | null {
  const flow = flowOf(turn.build, turn.flow.flow)
  const { node, component } = stepOf(flow, step)
  if (component.receive === undefined)
    return fail('CHP_DECISION_INVALID', `${placeOf(turn.flow)}: "${step}" takes no input.`)
  const data = without(turn.flow.data, component.fields?.(specOf(node)) ?? [])
  if (data !== turn.flow.data) setFlow(turn, { ...turn.flow, data })
  const { prompt, validation } = turn.flow
  if (prompt?.step === step) {
    if (counted) return refuseInput(turn, component, specOf(node), text.key, words(turn, text))
    setFlow(turn, { ...turn.flow, step })
    remind(turn, words(turn, text), validation)
    return null
  }
  setFlow(turn, { ...turn.flow, step })
  const shown = shownBy(turn, flow.name, step)
  open(turn, shown, {
    said: words(turn, text),
    ...(counted ? { validation: refusedOnce(turn, 0, text.key) } : {})
  })
  return null
}

/** Counts a refused input and says why; at its limit the step leads where it declares. */
export function refuseInput(
  turn: Turn,
  component: Component,
  spec: unknown,
  key: string,
  said: string
): Deeds | null {
  const { prompt, validation } = turn.flow
  const limit = component.limit?.(spec)
  const counted = refusedOnce(turn, validation.attempts, key)
  if (prompt !== null && prompt.step !== turn.flow.step)
    setFlow(turn, { ...turn.flow, step: prompt.step })
  if (limit !== undefined && counted.attempts >= limit.most) {
    setFlow(turn, { ...turn.flow, validation: counted })
    return { actions: limit.next, by: component }
  }
  remind(turn, said, counted)
  return null
}

function refusedOnce(turn: Turn, before: number, error: string): Validation {
  return Object.freeze({
    inProgress: true,
    attempts: before + 1,
    lastAttempt: turn.at.nowMs,
    error
  })
}
