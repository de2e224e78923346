import type { FlowFrame, Kept } from '../../conversation/record.ts'
import { OFFER, offers } from '../resume-offer.ts'
import { FRESH } from './frame.ts'
import type { Turn } from './turn.ts'

/**
 * What a session that ends leaves to be gone on with: a dialogue of a flow that offers it, where
 * it waited for input, and never at a confirmation.
 */
export function keptAt({ build, flow: frame, core, calls }: Turn): Kept | null {
  const flow = build.flows.get(frame.flow)
  if (flow === undefined || flow.resume === null || flow.version !== frame.flowVersion) return null
  const kind = flow.steps[frame.step]?.kind
  if (frame.prompt?.step !== frame.step || (kind !== 'ask' && kind !== 'choose')) return null
  if (calls.some(({ attached }) => attached)) return null
  const kept: FlowFrame = Object.freeze({ ...frame, prompt: null, validation: FRESH })
  return Object.freeze({ frame: kept, whose: likeness(core.member) })
}

/** What is kept for the member at hand, to be offered in the place of the menu. */
export function keptFor(turn: Turn): Kept | null {
  const { kept } = turn.session
  if (kept === undefined) return null
  const why = whyNot(turn, kept)
  if (why === null) return kept
  dropKept(turn, why)
  return null
}

function whyNot({ build, core, flow }: Turn, { frame, whose }: Kept): string | null {
  if (whose !== likeness(core.member)) return 'another member'
  if (!offers(build.flows, frame.flow)) return 'not offered any more'
  // Who stands at the offer and goes to the menu has declined it.
  return flow.flow === OFFER ? 'declined' : null
}

/** Takes what is kept out of the session. */
export function takeKept(turn: Turn): FlowFrame | null {
  const { kept, ...session } = turn.session
  if (kept === undefined) return null
  turn.session = Object.freeze(session)
  return kept.frame
}

/** Gives up what is kept, and says which fields went with it. */
export function dropKept(turn: Turn, why: string): void {
  const frame = takeKept(turn)
  if (frame === null) return
  const fields = fieldsOf(frame)
  if (fields.length > 0) turn.audit.push({ kind: 'dropped', fields, why })
}

function fieldsOf({ data, caller }: FlowFrame): readonly string[] {
  return [...Object.keys(data), ...(caller === null ? [] : fieldsOf(caller))]
}

// FNV-1a: it tells members apart without keeping one past the end of a session.
function likeness(member: unknown): number {
  let hash = 0x811c9dc5
  for (const letter of JSON.stringify(member ?? null))
    hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193) >>> 0
  return hash
}
