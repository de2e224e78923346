import * as E from 'fp-ts/lib/Either.js'
import type { Address } from '../../conversation/address.ts'
import type { At } from '../../conversation/decision.ts'
import type { Program } from '../../conversation/program.ts'
import type { Core } from '../../conversation/record.ts'
import { salvagedCore } from '../../store/salvaged-core.ts'
import type { Reader } from './read-record.ts'
import type { Since } from './since.ts'

/** A record that is whole by its checksum. */
export interface Whole {
  readonly version: number
  readonly value: unknown
}

/** What the cores of a conversation are looked for in. */
export interface CoreFinds {
  readonly conversation: string
  /** Whole records, the newest version first. */
  readonly whole: readonly Whole[]
  /** Texts that fail their checksum, the newest first. */
  readonly broken: readonly string[]
  /** The newest record is one of the broken. */
  readonly newestIsBroken: boolean
  readonly since: (version: number) => Since
  /** Who the conversation is with, where an event or a record has told. */
  readonly address: Address | null
  readonly at: At
}

/**
 * Every core that decodes, the best first.
 *
 * A checksum vouches for a core. What is read from bytes that fail theirs is believed only where
 * the history says that this very field changed since, or when nothing better is left.
 */
export function storedCores(reader: Reader, finds: CoreFinds): readonly Core[] {
  const { program } = reader
  const { at, whole, broken, newestIsBroken } = finds
  const vouched = whole.flatMap(({ version, value }) => {
    const core = coreOf(program, at, fieldOf(value, 'core'))
    return core === null ? [] : [{ version, core }]
  })
  const place = { conversation: finds.conversation, epoch: at.commit.epoch, ring: reader.ring }
  const salvaged = broken.flatMap(text => coreOf(program, at, salvagedCore(text, place)) ?? [])
  const [best] = vouched
  const known = finds.address ?? best?.core.channel ?? null
  const ours = salvaged.filter(({ channel }) => known !== null && isSame(channel, known))
  const newest = newestIsBroken && broken[0] !== undefined ? ours[0] : undefined
  const merged =
    best === undefined || newest === undefined ? [] : mergedCore(best, newest, finds, program)
  return [...merged, ...vouched.map(({ core }) => core), ...ours]
}

/** The older core with what has changed since, taken from the newest bytes. */
function mergedCore(
  { version, core }: { readonly version: number; readonly core: Core },
  newest: Core,
  { since, at }: CoreFinds,
  program: Program
): readonly Core[] {
  const changed = since(version).coreChanged
  if (changed === null || changed.size === 0) return []
  const fresh = Object.entries(newest).filter(([field]) => changed.has(field))
  const merged = coreOf(program, at, { ...core, ...Object.fromEntries(fresh) })
  return merged === null ? [] : [merged]
}

/** This value as a core of the bot, or null: tried inside a state that is valid otherwise. */
function coreOf(program: Program, at: At, core: unknown): Core | null {
  const channel = fieldOf(core, 'channel')
  if (channel === undefined) return null
  // A codec that throws says no, as one that refuses does.
  const tried = E.tryCatch(
    () => program.record.decode({ ...program.initial(channel as Address, at), core }),
    () => null
  )
  return E.isRight(tried) && E.isRight(tried.right) ? tried.right.right.core : null
}

export function fieldOf(value: unknown, field: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, field)
    ? Reflect.get(value, field)
    : undefined
}

function isSame(one: Address, other: Address): boolean {
  return one.channel === other.channel && one.account === other.account && one.user === other.user
}
