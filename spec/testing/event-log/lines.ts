import type { EventLine } from '../../../lib/testing/event-log/event-line.ts'

type Fields = { readonly [K in keyof EventLine]?: EventLine[K] | undefined }

const CONV = 'conversation'
let seq = 0

/** One line of a log, as the world or a process writes it. */
export function line(kind: EventLine['kind'], fields: Fields = {}): string[] {
  seq += 1
  const named = { seq, mono: seq, wall: 1_000 + seq, proc: 'p/x', kind, conv: CONV }
  return [JSON.stringify({ ...named, ...fields })]
}

/** The lines of a commit that landed on the version before it. */
export function commit(ver: number, fields: Fields): string[] {
  const { key = `p/x.${ver}`, epoch = 'e', first = 1 } = fields
  const parent = ver === 1 ? null : `p/x.${ver - 1}`
  const told = { epoch, ver, key, parent, digest: `d${ver}`, ...fields }
  return [...line('commit.try', told), ...line('stored', { epoch, ver, key, first })]
}
