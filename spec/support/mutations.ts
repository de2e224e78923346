import type { Random } from '../../lib/kernel/random.ts'
import { changedAt, otherThan, type Path, pathsIn, valueAt } from './paths-in.ts'
import { type RecordText, recordText, wholeRecord } from './rewritten-record.ts'
import { mutatedRow, rowsWithoutEach } from './row-mutations.ts'

/** One way to damage a record. */
export interface Mutation {
  readonly kind: 'truncated' | 'bitFlip' | 'wrongType' | 'missing' | 'future' | 'row' | 'invariant'
  readonly text: string
  /** A row beside the record that is damaged in the place of it, and what becomes of it. */
  readonly row?: { readonly from: string; readonly to: string }
  /** The checksum was computed again. */
  readonly whole: boolean
  /** Bytes of the core were changed, cut or taken away. */
  readonly coreHit: boolean
  /** What exactly was done. */
  readonly how: string
}

/** What is stored of a conversation: its newest record and the rows beside it. */
export interface Stored {
  readonly text: string
  readonly rows: readonly string[]
}

/** What a mutation is made from. */
interface Draw {
  readonly text: string
  readonly parts: RecordText
  readonly whole: boolean
  readonly below: (count: number) => number
  /** The record of these parts, its checksum computed again or as it was. */
  readonly written: (change: Partial<RecordText>) => string
}

type Drawn = Omit<Mutation, 'kind' | 'whole'>
type RecordKind = Exclude<Mutation['kind'], 'row' | 'invariant'>

const makers: Readonly<Record<RecordKind, (draw: Draw) => Drawn>> = {
  truncated: ({ parts, below, written }) => {
    const at = below(parts.payload.length)
    const payload = parts.payload.slice(0, at)
    return { text: written({ payload }), coreHit: at < coreEnd(parts), how: `at ${at}` }
  },
  bitFlip: ({ text, parts, whole, below, written }) => {
    const bytes = Buffer.from(whole ? parts.payload : text)
    const at = below(bytes.length)
    bytes[at] = bytes[at]! ^ (1 << below(7))
    const offset = whole ? at : at - (text.length - parts.payload.length)
    const flipped = bytes.toString()
    return {
      text: whole ? written({ payload: flipped }) : flipped,
      coreHit: offset >= 0 && offset < coreEnd(parts),
      how: `bit in byte ${offset}`
    }
  },
  wrongType: draw => changedField(draw, value => otherThan(value, draw.below(3))),
  missing: draw => changedField(draw, () => undefined),
  future: ({ text, parts, below, written }) => {
    const how = ['layout', 'schema', 'flowVersion'][below(3)]!
    const payload = parts.payload.replace(/"flowVersion":\d+/, '"flowVersion":9')
    // Another layout has a checksum of its own: by ours it is none.
    const layout = text.replace(/^L01 (.*) [0-9a-f]{8}\n/, 'L02 $1 00000000\n')
    const changed = how === 'schema' ? written({ schema: '9' }) : written({ payload })
    return { text: how === 'layout' ? layout : changed, coreHit: false, how }
  }
}

const KINDS = ['truncated', 'bitFlip', 'wrongType', 'missing', 'future', 'row'] as const

/** True when this one damages a row and not the record. */
export function hitsRow(nth: number): boolean {
  return KINDS[nth % KINDS.length] === 'row'
}

/** Draws a way to damage a record; every kind and both states of the checksum in turn. */
export function mutated(
  conversation: string,
  { text, rows }: Stored,
  { random, nth }: { readonly random: Random; readonly nth: number }
): Mutation {
  const kind = KINDS[nth % KINDS.length]!
  const whole = kind === 'future' || Math.floor(nth / KINDS.length) % 2 === 0
  const below = (count: number): number => Math.floor(random.fraction() * count)
  if (kind === 'row')
    return { kind, text, whole, coreHit: false, ...mutatedRow(rows, whole, below) }
  const parts = recordText(text)
  const drawn = makers[kind]({
    text,
    parts,
    whole,
    below,
    written: change => {
      const summed = wholeRecord(conversation, { ...parts, ...change })
      return whole ? summed : summed.replace(/ [0-9a-f]{8}\n/, ` ${crcOf(text)}\n`)
    }
  })
  return { kind, whole, ...drawn }
}

function changedField({ parts, below, written }: Draw, to: (value: unknown) => unknown): Drawn {
  const value: unknown = JSON.parse(parts.payload)
  const paths = pathsIn(value)
  const path = paths[below(paths.length)]!
  const payload = JSON.stringify(changedAt(value, path, to(valueAt(value, path))))
  return { text: written({ payload }), coreHit: isInCore(path), how: path.join('.') }
}

/** The record once without each field that it has, whole by its checksum. */
export function withoutEach(conversation: string, { text, rows }: Stored): readonly Mutation[] {
  const parts = recordText(text)
  const value: unknown = JSON.parse(parts.payload)
  const ofRecord = pathsIn(value)
    .filter(path => typeof path.at(-1) === 'string')
    .map((path): Mutation => {
      const payload = JSON.stringify(changedAt(value, path, undefined))
      const without = wholeRecord(conversation, { ...parts, payload })
      const how = path.join('.')
      return { kind: 'missing', text: without, whole: true, coreHit: isInCore(path), how }
    })
  const ofRows = rows.flatMap(from =>
    rowsWithoutEach(from).map(
      ({ to, how }): Mutation => ({
        kind: 'row',
        text,
        whole: true,
        coreHit: false,
        how,
        row: { from, to }
      })
    )
  )
  return [...ofRecord, ...ofRows]
}

function crcOf(text: string): string {
  return /([0-9a-f]{8})\n/.exec(text)?.[1] ?? ''
}

/** Where the core ends in a payload: what follows it is a comma and the rest. */
function coreEnd({ payload }: RecordText): number {
  const { core } = JSON.parse(payload) as { core: unknown }
  return `{"core":${JSON.stringify(core)}`.length
}

function isInCore([first]: Path): boolean {
  return first === 'core'
}
