import { fail } from '../../kernel/failure.ts'
import {
  EVENT_KINDS,
  EVENT_LOG_LAYOUT,
  type EventFields,
  type EventKind
} from '../../runtime/event-log.ts'
import type { FailureContext } from '../../runtime/failure-context.ts'

/** Kinds that only a simulation writes: what became true in the store, and what was done to it. */
const WORLD_KINDS = [
  'stored',
  'marked',
  'restored',
  'failed',
  'erased',
  'damaged',
  'settled',
  'ordered',
  'final',
  'fault.begin',
  'fault.end',
  'born',
  'killed',
  'rest',
  'end'
] as const

type Kind = EventKind | (typeof WORLD_KINDS)[number]

const KINDS: ReadonlySet<string> = new Set<Kind>([...EVENT_KINDS, ...WORLD_KINDS])

const QUOTE_LENGTH_MOST = 60

/** A failure of the bot, as a process that obeys a policy was told of it. */
export interface Met
  extends Pick<
    FailureContext,
    'tag' | 'code' | 'action' | 'event' | 'stage' | 'flow' | 'step' | 'attempt' | 'version'
  > {
  /** Name of the process, without what tells its lives apart. */
  readonly process: string
}

/** One line of an event log, read. */
export interface EventLine extends EventFields {
  readonly seq: number
  readonly mono: number
  readonly wall: number
  readonly proc: string
  readonly kind: Kind
  /** How a process met a failure of the bot. */
  readonly met?: Met
  /** The place that a commit which gave an event up led to, as `flow.step`. */
  readonly place?: string
  /** The step that opened the sub-flow which that place is in; of several the outermost. */
  readonly within?: string
  /** When a timer is set for which the due time just settled is too late, in store time. */
  readonly asleep?: number
  /** The schema that a commit was written with, or a process was born with, if not the first. */
  readonly schema?: number
  /** Number of the line in the log, from 1. */
  readonly line: number
}

/** The name that a process was given, out of its own mark or of a head that it made. */
export function nameOf(mark: string): string {
  return mark.slice(0, mark.lastIndexOf('/'))
}

/**
 * Reads the lines of an event log.
 *
 * Fails with `CHP_INPUT_INVALID`, naming the first line that is no event of this layout, or an
 * event of a kind that it does not have.
 */
export function eventLines(lines: Iterable<string>): EventLine[] {
  const read: EventLine[] = []
  let line = 0
  for (const text of lines) {
    line += 1
    if (text.trim() === '') continue
    read.push(Object.assign(checked(parsed(text), line), { line }))
  }
  return read
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    return error instanceof SyntaxError ? null : fail('CHP_INPUT_INVALID', 'Unreadable line.')
  }
}

function checked(value: unknown, line: number): Omit<EventLine, 'line'> {
  const told = value as Omit<EventLine, 'line'> | null
  if (typeof told?.kind !== 'string' || typeof told.proc !== 'string') {
    return fail('CHP_INPUT_INVALID', `Line ${line} of the event log is no event.`)
  }
  const { layout = EVENT_LOG_LAYOUT } = told
  if (layout !== EVENT_LOG_LAYOUT) {
    const known = `this version reads layout ${EVENT_LOG_LAYOUT}`
    return fail(
      'CHP_INPUT_INVALID',
      `The event log has layout ${shortOf(layout)} in line ${line}; ${known}.`
    )
  }
  if (!KINDS.has(told.kind)) {
    const of = `the kind ${shortOf(told.kind)}, which is none of layout ${EVENT_LOG_LAYOUT}`
    return fail('CHP_INPUT_INVALID', `Line ${line} of the event log has ${of}.`)
  }
  return told
}

// A log may hold anything there: of that only so much is told, and in one line.
function shortOf(value: unknown): string {
  return JSON.stringify(value).slice(0, QUOTE_LENGTH_MOST)
}
