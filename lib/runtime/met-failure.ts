import { createHash } from 'node:crypto'
import type { Failure } from '../kernel/failure.ts'
import { stackOf, whatWasThrown } from '../kernel/thrown.ts'
import type { Cell, Envelope } from './cell.ts'
import type { FailureContext } from './failure-context.ts'
import type { Parts } from './parts.ts'

/** Where a failure was met; everything beside it is found out here. */
export interface Met {
  readonly failure: Failure
  readonly action: FailureContext['action']
  readonly event: FailureContext['event']
  readonly attempt: number
}

/** The context of a failure, before the actor forgets what it remembered. */
export function metFailure(
  parts: Pick<Parts, 'program' | 'build'>,
  cell: Pick<Cell, 'id' | 'memory' | 'seen'>,
  { failure: { tag, code, detail, cause: thrown }, action, event, attempt }: Met
): FailureContext {
  const place = placeOf(parts, cell)
  const stack = stackOf(thrown)
  const frame = withoutPath(stack[0]) ?? (thrown === undefined ? '' : whatWasThrown(thrown))
  return {
    tag,
    code,
    message: detail,
    service: action === 'store' ? 'store' : 'bot',
    action,
    event,
    conversation: cell.id,
    ...place,
    attempt,
    version: cell.memory?.fence?.version ?? cell.seen?.version ?? 0,
    stack,
    cause: causeOf([code, place.flow, place.step, frame]),
    build: parts.build
  }
}

/** Kind and id of what an envelope is about. */
export function eventOf({ work }: Pick<Envelope, 'work'>): FailureContext['event'] {
  return typeof work === 'string' ? { kind: work, id: work } : { kind: work.kind, id: work.id }
}

const NOWHERE = { stage: 'none', flow: 'none', step: 'none' } as const

// The bot has just failed on this state: naming its place may fail as well.
function placeOf(
  { program }: Pick<Parts, 'program'>,
  { memory }: Pick<Cell, 'memory'>
): Pick<FailureContext, 'stage' | 'flow' | 'step'> {
  const record = memory?.record ?? null
  if (record === null) return NOWHERE
  try {
    const { stage, flow, step } = program.place(record)
    return { stage, flow, step }
  } catch {
    return NOWHERE
  }
}

/** A frame with the name of its file alone: where the bot is installed is no part of a cause. */
function withoutPath(frame: string | undefined): string | undefined {
  return frame?.replace(/(?<=\().*[\\/]|^(?!.*\().*[\\/]/, '')
}

function causeOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 12)
}
