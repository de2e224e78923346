/** Which process sends the undelivered replies of a conversation. */
export interface ReplyHolds {
  /**
   * Lets this process alone send the undelivered replies for a while, unless another one does.
   *
   * Its own hold begins anew. That of another ends no later than the one that was asked for would.
   * Nothing but this call looks at a hold: commits and acknowledgements
   * of others land beside it. A tombstone is `gone`.
   */
  holdReplies(id: string, epoch: string, asked: AskedHold): Promise<HoldOutcome>
}

export interface AskedHold {
  /** The process that asks. */
  readonly by: string
  /** A hold ends on a whole millisecond: a part of one counts as one. */
  readonly ms: number
  /** A process that is known to be no more: its hold counts for nothing. Default none. */
  readonly over?: string | undefined
}

export type HoldOutcome =
  | {
      readonly tag: 'held' | 'other'
      /** Who sends, and until when in store time. */
      readonly by: string
      readonly untilMs: number
      /** How far the replies were acknowledged at that moment. */
      readonly acknowledgedThrough: number
    }
  | { readonly tag: 'gone' }

/** A hold as it is stored. */
export interface KeptHold {
  readonly by: string
  readonly untilMs: number
}

/** The hold that stands after somebody asked for one. */
export function holdAfter(
  kept: KeptHold | null,
  { by, ms, over }: AskedHold,
  nowMs: number
): KeptHold {
  const isOver = kept === null || kept.untilMs <= nowMs || kept.by === by || kept.by === over
  const untilMs = Math.ceil(nowMs + ms)
  if (isOver) return { by, untilMs }
  // One of a clock that was set back since was asked for no longer than this.
  return kept.untilMs > untilMs ? { by: kept.by, untilMs } : kept
}

/** When it ends, a space, the process. */
export function holdText({ by, untilMs }: KeptHold): string {
  return `${untilMs} ${by}`
}

/** What `holdText` was made from; null for any other text. */
export function readHold(text: string | undefined): KeptHold | null {
  const [, until, by] = /^(\d+) (.*)$/s.exec(text ?? '') ?? []
  return until === undefined || by === undefined ? null : { by, untilMs: Number(until) }
}
