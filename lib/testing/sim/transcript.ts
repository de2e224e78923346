import { type EventLine, eventLines, type Met } from '../event-log/event-line.ts'

/** Lines that tell the reader nothing which the others do not. */
const QUIET: readonly EventLine['kind'][] = ['handler.end', 'load', 'start']

/**
 * What happened to one conversation, for a person to read: a line an event, with the faults and
 * deaths around it. Without a conversation only these.
 */
export function transcriptOf(lines: readonly string[], conversation: string | null): string[] {
  const events = eventLines(lines)
  const [{ wall: startMs } = { wall: 0 }] = events
  return events
    .filter(line => isTold(line, conversation))
    .map(line => {
      const atMs = line.proc === 'world' ? line.wall - startMs : Number.NaN
      const time = Number.isNaN(atMs) ? '' : `${(atMs / 1000).toFixed(3)}s`
      const [who = ''] = line.proc.split('/')
      return `${time.padStart(9)} ${who.padEnd(5)} ${line.kind.padEnd(15)} ${detailOf(line)}`
    })
}

function isTold({ kind, conv }: EventLine, conversation: string | null): boolean {
  if (QUIET.includes(kind)) return false
  if (conv !== undefined) return conv === conversation
  return kind !== 'effect.try' || conversation !== null
}

function detailOf({ conv, id, ver, key, outcome, took, defers, out, ...line }: EventLine): string {
  const parts = [
    id,
    ver === undefined ? undefined : `v${ver}`,
    key === undefined ? undefined : key.replace(`${conv}.`, ''),
    took === undefined ? undefined : took.join(', '),
    defers === undefined ? undefined : `waits: ${defers}`,
    out === undefined ? undefined : `${out.length} replies`,
    line.opens === undefined ? undefined : `opens ${line.opens}`,
    line.closes === undefined ? undefined : `closes ${line.closes.join(', ')}`,
    line.redrives === undefined ? undefined : `runs ${line.redrives} again`,
    line.through === undefined ? undefined : `through ${line.through}`,
    line.parks === true ? 'given up' : undefined,
    line.held === true ? 'held' : undefined,
    line.recovers === true ? 'recovers' : undefined,
    line.from === undefined ? undefined : `back to v${line.from}`,
    line.gave === undefined ? undefined : `gave ${line.gave.length} replies`,
    line.met === undefined ? undefined : metBy(line.met),
    line.place === undefined ? undefined : `at ${line.place}`,
    line.within === undefined ? undefined : `opened by ${line.within}`,
    outcome
  ]
  return parts.filter(part => part !== undefined && part !== '').join(' · ')
}

function metBy({ process, action, event, flow, step, attempt, code }: Met): string {
  const what = `${process}: ${action} ${event.kind} ${event.id}`
  return `${what}, run ${attempt} at ${flow}.${step}: ${code}`
}
