import type { Address } from '../conversation/address.ts'
import type { Content } from '../conversation/content.ts'
import type { Reply } from '../conversation/reply.ts'
import type { Log } from '../kernel/log.ts'

/** How an offer of one reply to the channel ended. */
export type Sent =
  | { readonly tag: 'sent'; readonly providerId: string | null }
  /**
   * Not now: offer it again, not before the pause (ms) is over; later replies of the conversation
   * wait.
   */
  | ({ readonly tag: 'later'; readonly afterMs: number } & Unsent)
  /**
   * Never: it is told as `undeliverable` and parked, for an operator to offer it again or discard
   * it. `code` is the provider's; refusals of one code, or of one `why`, are one cause.
   */
  | ({ readonly tag: 'refused'; readonly code?: string } & Unsent)
  /** Never, and not worth keeping: told as `undeliverable`, and gone. */
  | ({ readonly tag: 'dropped' } & Unsent)

interface Unsent {
  /** The same words for the same cause, and none of the member's: they are logged. */
  readonly why: string
  /** A person must mend the account or a setting; told once a cause, until a send succeeds. */
  readonly alarm?: boolean
}

/** One reply on its way out. `key` is stable over repeats, so that a receiver can drop doubles. */
export interface Outgoing {
  readonly address: Address
  readonly key: string
  readonly reply: Reply
  /**
   * How long ago the member wrote last, in ms by the store's time; null while that is not known.
   */
  readonly heardAgoMs: number | null
}

/** One send each `everyMs`, and `burst` at once after a rest. */
export interface Pace {
  readonly everyMs: number
  readonly burst: number
}

/** How fast a provider takes sends: of one account, and to one member of it. */
export interface Pacing {
  readonly number: Pace
  readonly member: Pace
}

/** What the channel heard and hands to the runtime. */
export interface Heard {
  readonly address: Address
  readonly id: string
  readonly content: Content
}

/** What became of an outgoing message, as the channel learned later. */
export interface HeardStatus {
  readonly address: Address
  readonly providerId: string
  readonly status: 'sent' | 'delivered' | 'read' | 'failed'
  readonly code: string | null
}

/** How the runtime took one message; channels acknowledge only what is not `shed`. */
export type Receipt =
  | { readonly tag: 'committed'; readonly version: number; readonly replies: readonly Reply[] }
  | { readonly tag: 'duplicate'; readonly replies: readonly Reply[] }
  | { readonly tag: 'deferred' }
  | { readonly tag: 'parked' }
  /** It means nothing to the bot (an unknown `tell`, say): nothing was stored. */
  | { readonly tag: 'ignored'; readonly why: string }
  | { readonly tag: 'shed'; readonly reason: string; readonly retryAfterMs: number }

/** The runtime's side of a mounted channel. */
export interface ChannelHost {
  /** Where a channel writes that was given no log of its own. */
  readonly log: Log
  /** Takes its place in the conversation's mailbox before this returns its promise. */
  receive(heard: Heard): Promise<Receipt>
  /** A status that is `shed` is to be heard again, like a message. */
  status(status: HeardStatus): Promise<Receipt>
  /**
   * Someone is listening: offer the conversation's undelivered replies now. Told at every arrival,
   * and now and then while they stay, for another process may have committed the reply.
   */
  present(address: Address): void
  /** A post of the provider was answered with this HTTP status, for whoever counts them. */
  answered?(channel: string, status: number): void
  /**
   * 32 bytes for this purpose: the same for every process of the store, now and after a restart.
   * Null before the runtime has started.
   */
  secret(purpose: string): Uint8Array | null
}

/**
 * A way to talk to members: decodes what arrives, sends what leaves.
 *
 * `D` is what mounting gives the host to plug into its server.
 */
export interface Channel<D = unknown> {
  readonly name: string
  /** Why this reply can never be sent by this channel, or null; checked before the commit. */
  unfit(reply: Reply): string | null
  /** Longest a `send` may take before the outbox gives the attempt up, in ms. */
  readonly sendTimeoutMs: number
  /** Sends that may be under way at one time; default: the limit `sends` of the runtime. */
  readonly sendsAtOnce?: number
  /** Beyond it replies wait, each in its order; of this process alone. Default: no such limit. */
  readonly pacing?: Pacing
  send(outgoing: Outgoing, signal: AbortSignal): Promise<Sent>
  mount(host: ChannelHost): D
  close?(): Promise<void>
}
