import type { Random } from '../../lib/kernel/random.ts'
import { type RecordText, recordText, wholeRecord } from './rewritten-record.ts'

/** One way to damage a record. */
export interface Mutation {
  readonly kind: 'truncated' | 'bitFlip' | 'wrongType' | 'missing' | 'future'
  readonly text: string
  /** The checksum was computed again. */
  readonly whole: boolean
  /** Bytes of the core were changed, cut or taken away. */
  readonly coreHit: boolean
  /** What exactly was done. */
  readonly how: string
}

type Path = readonly (string | number)[]

/** Draws a way to damage a record; every kind and both states of the checksum in turn. */
export function mutated(
  conversation: string,
  text: string,
  { random, nth }: { readonly random: Random; readonly nth: number }
): Mutation {
  const kinds = ['truncated', 'bitFlip', 'wrongType', 'missing', 'future'] as const
  const kind = kinds[nth % kinds.length]!
  const whole = kind === 'future' || Math.floor(nth / kinds.length) % 2 === 0
  const parts = recordText(text)
  const below = (count: number): number => Math.floor(random.fraction() * count)
  switch (kind) {
    case 'truncated': {
      const at = below(parts.payload.length)
      const payload = parts.payload.slice(0, at)
      return made({
        kind,
        parts: { ...parts, payload },
        coreHit: at < coreEnd(parts),
        how: `${at}`
      })
    }
    case 'bitFlip': {
      const bytes = Buffer.from(whole ? parts.payload : text)
      const at = below(bytes.length)
      bytes[at] = bytes[at]! ^ (1 << below(7))
      const offset = whole ? at : at - (text.length - parts.payload.length)
      const coreHit = offset >= 0 && offset < coreEnd(parts)
      const how = `bit in byte ${offset}`
      if (whole) return made({ kind, parts: { ...parts, payload: bytes.toString() }, coreHit, how })
      return { kind, text: bytes.toString(), whole, coreHit, how }
    }
    case 'wrongType':
    case 'missing': {
      const value: unknown = JSON.parse(parts.payload)
      const paths = pathsIn(value)
      const path = paths[below(paths.length)]!
      const other = kind === 'missing' ? undefined : otherThan(valueAt(value, path), below(3))
      const payload = JSON.stringify(changedAt(value, path, other))
      return made({
        kind,
        parts: { ...parts, payload },
        coreHit: isInCore(path),
        how: path.join('.')
      })
    }
    case 'future': {
      const how = ['layout', 'schema', 'flowVersion'][below(3)]!
      // Another layout has a checksum of its own: by ours it is none.
      if (how === 'layout') {
        const next = text.replace(/^L01 (.*) [0-9a-f]{8}\n/, 'L02 $1 00000000\n')
        return { kind, text: next, whole, coreHit: false, how }
      }
      if (how === 'schema') return made({ kind, parts: { ...parts, schema: '9' }, how })
      const payload = parts.payload.replace(/"flowVersion":\d+/, '"flowVersion":9')
      return made({ kind, parts: { ...parts, payload }, how })
    }
  }

  function made(change: {
    readonly kind: Mutation['kind']
    readonly parts: RecordText
    readonly coreHit?: boolean
    readonly how: string
  }): Mutation {
    const summed = wholeRecord(conversation, change.parts)
    const stale = summed.replace(/ [0-9a-f]{8}\n/, ` ${crcOf(text)}\n`)
    const { coreHit = false, how } = change
    return { kind: change.kind, text: whole ? summed : stale, whole, coreHit, how }
  }
}

/** The record once without each field that it has, whole by its checksum. */
export function withoutEach(conversation: string, text: string): readonly Mutation[] {
  const parts = recordText(text)
  const value: unknown = JSON.parse(parts.payload)
  return pathsIn(value)
    .filter(path => typeof path.at(-1) === 'string')
    .map(path => {
      const payload = JSON.stringify(changedAt(value, path, undefined))
      const without = wholeRecord(conversation, { ...parts, payload })
      const how = path.join('.')
      return { kind: 'missing', text: without, whole: true, coreHit: isInCore(path), how }
    })
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

/** Every place in a value, the whole apart. */
function pathsIn(value: unknown, at: Path = []): readonly Path[] {
  const own: readonly Path[] = at.length === 0 ? [] : [at]
  if (typeof value !== 'object' || value === null) return own
  const keys = Array.isArray(value) ? value.map((_, index) => index) : Object.keys(value)
  return [...own, ...keys.flatMap(key => pathsIn(Reflect.get(value, key), [...at, key]))]
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, key) => Reflect.get(inner as object, key), value)
}

function changedAt(value: unknown, [key, ...rest]: Path, to: unknown): unknown {
  if (key === undefined) return to
  const copy = Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }
  const next = changedAt(Reflect.get(copy, key), rest, to)
  if (next !== undefined) Reflect.set(copy, key, next)
  else if (Array.isArray(copy)) copy.splice(Number(key), 1)
  else Reflect.deleteProperty(copy, key)
  return copy
}

function otherThan(value: unknown, draw: number): unknown {
  const kinds: readonly unknown[] = ['text', 7, true, null, [], {}]
  const others = kinds.filter(
    other => typeof other !== typeof value || (other === null) !== (value === null)
  )
  return others[draw % others.length]
}
