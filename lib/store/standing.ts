import { fail } from '../kernel/failure.ts'
import type { Fence } from './conversation-store.ts'

/**
 * Where a conversation stands after a commit: the fence, and what only commits change.
 *
 * A store keeps it as one text and compares that text, so a step can only follow the very commit it
 * was decided on.
 */
export interface Standing {
  readonly epoch: string
  readonly version: number
  readonly head: string
  /** Which of the two record slots holds the current record. */
  readonly slot: 0 | 1
  /** The current record waits for an attached call. */
  readonly attached: boolean
  /** Numbers of the first inbox row, and of the one after the last. */
  readonly inFirst: number
  readonly inNext: number
  /** Number of the first reply that the commits so far did not acknowledge, or an earlier one. */
  readonly outBase: number
  /** Number of the next reply. */
  readonly outNext: number
  readonly effectAt: number
  /** Keys of the open calls, as `callField` spells them. */
  readonly calls: readonly string[]
}

/** What a fence remembers beside the standing, so that a commit need not ask for it. */
export interface Remembered {
  /** The due time set. */
  readonly dueMs: number | null
  /** The minute of activity that the index has. */
  readonly minute: number
}

const CALL_KEY_CHARACTERS = 1000
const NO_CALLS: readonly string[] = []

/** What a fence was made from. */
export interface Known {
  readonly standing: Standing
  readonly remembered: Remembered
}

/** The standing as one text: epoch, version and head first, parted by colons. */
export function standingText(standing: Standing): string {
  return textOf(standing, restText(standing))
}

/** The text of the standing that a caller's fence names. */
export function fenceText(fence: Fence): string {
  return GivenFence.of(fence)?.text ?? textOf(fence, restOf(fence))
}

/** The fence a caller is given for a standing; its text need not be spelt twice. */
export function fenceOf(
  standing: Standing,
  { dueMs, minute }: Remembered,
  text: string = standingText(standing)
): Fence {
  return new GivenFence(standing, { dueMs, minute }, text)
}

/** What `fenceOf` was made from. */
export function readFence(fence: Fence): Known {
  const given = GivenFence.of(fence)
  if (given !== null) return given
  const [due = '', minute] = fence.state.split('|', 2)
  const remembered = { dueMs: due === '' ? null : Number(due), minute: Number(minute) }
  return { standing: parsed(fence, restOf(fence)), remembered }
}

/** What `standingText` was made from. */
export function readStanding(text: string): Standing {
  const [epoch = '', version = '', head = ''] = text.split(':', 3)
  const rest = text.slice(epoch.length + version.length + head.length + 3)
  return parsed({ epoch, version: Number(version), head }, rest)
}

/** The field in which a reply stands: fields are used again when all before were acknowledged. */
export function replyField({ outBase }: Standing, sequence: number): string {
  return `o${sequence - outBase}`
}

/** The standing of an erased conversation: version 0 of a new epoch. */
export function tombstone(epoch: string): Standing {
  return {
    epoch,
    version: 0,
    head: '-',
    slot: 0,
    attached: false,
    inFirst: 1,
    inNext: 1,
    outBase: 1,
    outNext: 1,
    effectAt: 0,
    calls: NO_CALLS
  }
}

/** The standing of an id that leads to another conversation: nothing can be committed on it. */
export const ALIAS: Standing = { ...tombstone('alias'), head: '=' }

/** True for the standing of an id that leads elsewhere. */
export function isAlias({ version, head }: Standing): boolean {
  return version === 0 && head === ALIAS.head
}

/**
 * A call key without the characters that part texts and keys.
 *
 * Fails with CHP_INPUT_INVALID for a key that is empty, too long or no well-formed text.
 */
export function callField(key: string): string {
  const spelt = escaped(key)
  if (spelt === null || spelt === '' || spelt.length > CALL_KEY_CHARACTERS) {
    return fail(
      'CHP_INPUT_INVALID',
      `A call key must be well-formed text of 1 to ${CALL_KEY_CHARACTERS} characters.`
    )
  }
  return spelt
}

/** The call key that `callField` spelt; fails with CHP_RECORD_CORRUPT for what it never spells. */
export function callKeyOf(field: string): string {
  try {
    return decodeURIComponent(field)
  } catch (error) {
    return fail('CHP_RECORD_CORRUPT', 'The key of a stored call does not decode.', error)
  }
}

function restText(standing: Standing): string {
  const { slot, attached, inFirst, inNext, outBase, outNext, effectAt, calls } = standing
  const flag = attached ? 'a' : 'r'
  return `${slot}:${flag}:${inFirst}:${inNext}:${outBase}:${outNext}:${effectAt}:${calls.join()}`
}

function parsed(
  { epoch, version, head }: Pick<Fence, 'epoch' | 'version' | 'head'>,
  rest: string
): Standing {
  const [slot, flag, inFirst, inNext, outBase, outNext, effectAt, calls = ''] = rest.split(':')
  return {
    epoch,
    version,
    head,
    slot: slot === '1' ? 1 : 0,
    attached: flag === 'a',
    inFirst: Number(inFirst),
    inNext: Number(inNext),
    outBase: Number(outBase),
    outNext: Number(outNext),
    effectAt: Number(effectAt),
    calls: calls === '' ? NO_CALLS : calls.split(',')
  }
}

// What follows epoch, version and head: those stand in the fence, where they may differ.
function restOf({ state }: Fence): string {
  return state
    .slice(state.lastIndexOf('|') + 1)
    .split(':')
    .slice(3)
    .join(':')
}

function textOf({ epoch, version, head }: Omit<Fence, 'state'>, rest: string): string {
  return `${epoch}:${version}:${head}:${rest}`
}

// Reading a fence costs more than all the rest of planning a commit: the one that comes back as it
// was given still knows what it was made from. A copy of it, whatever was changed, does not.
class GivenFence implements Fence {
  readonly epoch: string
  readonly version: number
  readonly head: string
  readonly state: string
  readonly #known: Known & { readonly text: string }

  constructor(standing: Standing, remembered: Remembered, text: string) {
    this.epoch = standing.epoch
    this.version = standing.version
    this.head = standing.head
    this.state = `${remembered.dueMs ?? ''}|${remembered.minute}|${text}`
    this.#known = { standing, remembered, text }
  }

  static of(fence: Fence): (Known & { readonly text: string }) | null {
    return #known in fence ? fence.#known : null
  }
}

function escaped(key: string): string | null {
  // `encodeURIComponent` throws for a lone surrogate, which no store could give back.
  return Buffer.from(key).toString() === key ? encodeURIComponent(key) : null
}
