import * as t from 'io-ts'
import { goto } from './components/goto.ts'
import { defineFlow, type Flow } from './define-flow.ts'
import type { StepNode } from './step.ts'
import type { Text } from './text.ts'

/** Name of the flow that offers to go on with a dialogue that was kept. */
export const OFFER = 'bot.resume'

const Data = t.partial({ flow: t.string })

/** True when that flow is one of these, and offers to be gone on with. */
export function offers(flows: ReadonlyMap<string, Flow>, name: unknown): boolean {
  return typeof name === 'string' && (flows.get(name)?.resume ?? null) !== null
}

/** That flow, for a bot with these flows; null when none of them declares `resume`. */
export function resumeOffer(flows: readonly Flow[], menu: string, stage: string): Flow | null {
  const offered = new Map(flows.flatMap(({ name, resume }) => (resume ? [[name, resume]] : [])))
  if (offered.size === 0) return null
  const shown = (part: 'prompt' | 'resume' | 'over') => (view: { data: { flow?: string } }) => {
    const offer = offered.get(view.data.flow ?? '')
    return offer?.[part] as Text
  }
  const step: StepNode & { readonly spec: unknown } = {
    kind: 'offer',
    spec: {
      prompt: shown('prompt'),
      options: (view: { data: { flow?: string } }) => [
        { id: 'resume', label: shown('resume')(view) },
        { id: 'over', label: shown('over')(view) }
      ],
      as: 'buttons',
      next: { resume: { kind: 'resume' }, over: goto({ flow: menu }) }
    }
  }
  const steps = { offer: step } as never
  const head = { name: OFFER, stage, data: Data as never, start: 'offer' } as const
  return defineFlow<'offer'>(head, steps) as unknown as Flow
}
