import type { Core } from '../../../lib/conversation/record.ts'
import type { Bot, Flow } from '../../../lib/flow/index.ts'

/** Told of a step; what it throws, the step throws. */
export type Fault = (step: string) => void

/** The same flow, telling `fault` of a step before any function of that step runs. */
export function watchedFlow<C extends Core, R>(flow: Flow<C, R>, fault: Fault): Flow<C, R> {
  const steps = Object.entries(flow.steps).map(([name, step]) => {
    const watched =
      'spec' in step ? { ...step, spec: watchedSpec(step.spec, () => fault(name)) } : step
    return [name, watched] as const
  })
  return { ...flow, steps: Object.fromEntries(steps) }
}

/** The same bot, telling `fault` of the step at hand before an event of its dialogue is decided. */
export function watchedBot<C extends Core>(bot: Bot<C>, fault: Fault): Bot<C> {
  return {
    ...bot,
    decide: (state, event, at) => {
      if (event.kind === 'Inbound' || event.kind === 'CallSettled') fault(state.flow.step)
      return bot.decide(state, event, at)
    }
  }
}

// Functions stand in a spec itself, or in its tables of options, outcomes and ways.
const TABLES: readonly string[] = ['next', 'outcomes', 'to']

function watchedSpec(spec: unknown, told: () => void): unknown {
  if (typeof spec === 'function')
    return (...given: readonly unknown[]): unknown => {
      told()
      return Reflect.apply(spec, undefined, given)
    }
  if (typeof spec !== 'object' || spec === null) return spec
  const parts = Object.entries(spec).map(([name, part]: [string, unknown]) => {
    const isOwn = typeof part === 'function' || TABLES.includes(name)
    if (name === 'prompt' && !isOwn) return [name, watchedSpec(() => part, told)]
    return [name, isOwn ? watchedSpec(part, told) : part]
  })
  return Object.fromEntries(parts) as unknown
}
