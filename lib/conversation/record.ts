import * as t from 'io-ts'
import { SecretText } from '../kernel/secret.ts'
import { Address } from './address.ts'

/** How far a message got, by the provider's id; `ours` once it is known to bear the prompt. */
export const Delivery = t.strict({ id: t.string, rank: t.number, ours: t.boolean }, 'Delivery')
export interface Delivery extends t.TypeOf<typeof Delivery> {}

/**
 * The prompt that is open: replies count only for this instance and only for these options.
 *
 * `step` is the input step that opened it: while a call runs, the frame stands on the call's step.
 */
export const Prompt = t.exact(
  t.intersection([
    t.type({ instance: t.string, step: t.string, options: t.readonlyArray(t.string) }),
    t.partial({ deliveries: t.readonlyArray(Delivery) })
  ]),
  'Prompt'
)
export interface Prompt extends t.TypeOf<typeof Prompt> {}

/** Input tracking of a step; `attempts` counts refused inputs in a row. */
export const Validation = t.strict(
  {
    inProgress: t.boolean,
    attempts: t.number,
    lastAttempt: t.union([t.number, t.null]),
    error: t.union([t.string, t.null])
  },
  'Validation'
)
export interface Validation extends t.TypeOf<typeof Validation> {}

/** Where the dialogue stands. `caller` is the flow that entered this one as a sub-flow. */
export interface FlowFrame {
  readonly flow: string
  readonly flowVersion: number
  readonly step: string
  readonly data: Readonly<Record<string, unknown>>
  readonly prompt: Prompt | null
  readonly validation: Validation
  readonly caller: FlowFrame | null
}
export const FlowFrame: t.Type<FlowFrame> = t.recursion('FlowFrame', () =>
  t.strict({
    flow: t.string,
    flowVersion: t.number,
    step: t.string,
    data: t.record(t.string, t.unknown),
    prompt: t.union([Prompt, t.null]),
    validation: Validation,
    caller: t.union([FlowFrame, t.null])
  })
)

/**
 * One outside call whose outcome is not known; at most four, at most one attached to the flow.
 *
 * `unresolved` is set on an effect that may have been done when its attempts were spent. `open`:
 * its confirm is open again, here or beneath a sub-flow, and a yes makes it again under its key;
 * until then nobody drives it.
 * `left`: the flow went on without it; it is only read back, and never made again.
 */
export const Call = t.exact(
  t.intersection([
    t.type({
      key: t.string,
      name: t.string,
      /** The confirm's prompt instance for a signed call, else the id of the event. */
      origin: t.string,
      /** The outside event at the root of this call; replies to its outcome are owed to it. */
      cause: t.string,
      effect: t.boolean,
      attached: t.boolean,
      openedAtMs: t.number
    }),
    t.partial({ unresolved: t.union([t.literal('open'), t.literal('left')]) })
  ]),
  'Call'
)
export interface Call extends t.TypeOf<typeof Call> {}

/** Something to wake for; `what` tells the interpreter why, `data` is what a reminder brings. */
export const Timer = t.exact(
  t.intersection([
    t.type({ id: t.string, dueMs: t.number, what: t.string }),
    t.partial({ data: t.unknown })
  ]),
  'Timer'
)
export interface Timer extends t.TypeOf<typeof Timer> {}

/** A dialogue that a session's end has set aside, and a likeness of the member whose it was. */
export const Kept = t.strict({ frame: FlowFrame, whose: t.number }, 'Kept')
export interface Kept extends t.TypeOf<typeof Kept> {}

/**
 * The session clock. `deadline` is null when no session runs; `notice` is a text key that the
 * next answer must be preceded by (a session expired silently, say). What arrived up to
 * `heardUntil` was said to a person and is no answer to the bot. `kept` is what the member is
 * offered to go on with.
 */
export const Session = t.exact(
  t.intersection([
    t.type({
      startedAt: t.number,
      lastMessageAt: t.number,
      deadline: t.union([t.number, t.null]),
      notice: t.union([t.string, t.null])
    }),
    t.partial({ heardUntil: t.number, kept: Kept })
  ]),
  'Session'
)
export interface Session extends t.TypeOf<typeof Session> {}

/** Why the policy holds it: `cause` is shared with others that failed for one reason. */
export const HeldFor = t.strict({ cause: t.string, code: t.string, where: t.string }, 'HeldFor')
export interface HeldFor extends t.TypeOf<typeof HeldFor> {}

/**
 * Since when the conversation is held, by whom, and whether its member was told. `handover`: by a
 * step of its flow, which gave it to a person; `failed`: by the policy, for this failure; else by
 * an operator.
 */
export const Held = t.exact(
  t.intersection([
    t.type({ at: t.number, by: t.string, told: t.boolean }),
    t.partial({ handover: t.literal(true), failed: HeldFor })
  ]),
  'Held'
)
export interface Held extends t.TypeOf<typeof Held> {}

/**
 * Written by the runtime alone, whatever a bot decides. `held` is absent while it is not; `resets`,
 * when the conversation was last reset for a failure, while none is recent.
 */
export const Meta = t.exact(
  t.intersection([
    t.type({
      initializedAt: t.number,
      updatedAt: t.number,
      updatedBy: t.strict({ kind: t.string, id: t.string })
    }),
    t.partial({ held: Held, resets: t.readonlyArray(t.number) })
  ]),
  'Meta'
)
export interface Meta extends t.TypeOf<typeof Meta> {}

/** The access token of the member at the outside service; sealed at rest. */
export const Token = t.strict({ value: SecretText, refreshes: t.number, setAt: t.number }, 'Token')
export interface Token extends t.TypeOf<typeof Token> {}

/**
 * What survives resets: who talks, as whom, and what the outside service last said.
 *
 * Written only through the accessors that steps are given. `M` is the bot's member, `K` its cache
 * of the outside service (the ledger bot keeps the dashboard there).
 */
export interface Core<M = unknown, K = unknown> {
  readonly channel: Address
  readonly locale: string
  readonly member: M | null
  readonly account: string | null
  readonly token: Token | null
  readonly cache: K | null
}

/**
 * The codec of a bot's core, built from the codecs of its member and cache.
 *
 * @example
 * const Core = coreOf({ member: Member, cache: Dashboard })
 */
export function coreOf<M, K>({
  member,
  cache
}: {
  member: t.Type<M, unknown>
  cache: t.Type<K, unknown>
}): t.Type<Core<M, K>, unknown> {
  return t.strict(
    {
      channel: Address,
      locale: t.string,
      member: t.union([member, t.null]),
      account: t.union([t.string, t.null]),
      token: t.union([Token, t.null]),
      cache: t.union([cache, t.null])
    },
    'Core'
  )
}

/** One conversation, whole: one record, one codec, one writer. */
export interface ConversationRecord<C extends Core = Core> {
  /** The bot author's schema version of core and flow data. */
  readonly schema: number
  readonly core: C
  readonly flow: FlowFrame
  readonly calls: readonly Call[]
  readonly timers: readonly Timer[]
  readonly session: Session
  readonly meta: Meta
}

/** The codec of a whole record for a bot with this core codec. */
export function recordOf<C extends Core>(
  core: t.Type<C, unknown>
): t.Type<ConversationRecord<C>, unknown> {
  return t.strict(
    {
      schema: t.number,
      core,
      flow: FlowFrame,
      calls: t.readonlyArray(Call),
      timers: t.readonlyArray(Timer),
      session: Session,
      meta: Meta
    },
    'ConversationRecord'
  )
}

/** The id of the timer that ends a session, and of the one that warns before it. */
export const SESSION_TIMER = 'session'
export const WARNING_TIMER = 'session-warning'
/** The id of the timer that takes a conversation back from a person. */
export const HANDOVER_TIMER = 'handover'

/** True for a call that somebody drives, or should. */
export function isDriven({ unresolved }: Call): boolean {
  return unresolved !== 'open'
}

/** The call the flow waits for, if any. */
export function attachedCall(record: ConversationRecord): Call | undefined {
  return record.calls.find(({ attached }) => attached)
}
