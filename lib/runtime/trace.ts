import type { RungNote, SetAsideNote } from '../conversation/decision.ts'
import type { ConversationRecord } from '../conversation/record.ts'
import type { Reply } from '../conversation/reply.ts'
import type { TurnEvent } from '../conversation/turn-event.ts'
import type { Failure } from '../kernel/failure.ts'
import type { JudgedFailure } from './failure-context.ts'

/** One event that was decided and committed. */
export interface TurnTrace {
  readonly conversation: string
  readonly event: TurnEvent
  /** Id of the outside event at the root of this one. */
  readonly cause: string
  readonly version: number
  /** The state after this event, although a commit may have taken several. */
  readonly record: ConversationRecord
  readonly replies: readonly Reply[]
}

/** A failure in a conversation, and which directive of which rule answered it. */
type Supervised = Pick<JudgedFailure, 'conversation' | 'directive' | 'rule'> & {
  readonly failure: Failure
}

/** What a host may listen to with `runtime.on`. */
export interface RuntimeEvents {
  /** Every committed turn. It holds texts, replies and the record: never log it. */
  turn: TurnTrace
  /** An actor failed while deciding; `attempt` counts its runs of this event. */
  restarted: Supervised & { readonly attempt: number }
  /** An event was given up; `act` is how: with a reset, or with the state as it was. */
  parked: Supervised & { readonly event: string; readonly act: 'reset' | 'park' }
  /** A damaged conversation came back with this commit; `rungs` is what was tried. */
  recovered: {
    readonly conversation: string
    readonly rung: 2 | 3 | 4
    readonly version: number
    readonly rungs: readonly RungNote[]
  }
  /** Damaged rows beside the record were parked with this commit, as they were found. */
  setAside: {
    readonly conversation: string
    readonly version: number
    readonly rows: readonly Omit<SetAsideNote, 'kind'>[]
  }
  /** It is held with this commit: by an operator, or by the step that gave it to a person. */
  held: {
    readonly conversation: string
    readonly version: number
    /** Who holds it, or `flow.step`. */
    readonly by: string
    readonly handover: boolean
  }
  /** The store holds an older state than this process saw committed. */
  rollback: { readonly conversation: string }
  /** Every failure met while taking an event, once, and what is done about it. Count these. */
  failure: JudgedFailure
  /**
   * A person should look. What hinders a channel is heard once a cause, with the conversation that
   * met it first, until a send of that channel succeeds. The log line `alarm` and the webhook tell
   * occurrences of one cause as one.
   */
  alarm: {
    readonly conversation: string | null
    readonly failure: Failure
    /** Of failures of the bot: what their cause is called, how often it was met, and where. */
    readonly cause?: string
    readonly count?: number
    readonly conversations?: readonly string[]
  }
  /**
   * A committed reply was given up: its channel will never take it. Those behind it go on. Told
   * once more, with `parked: false`, when one that was to be parked could not be.
   */
  undeliverable: {
    readonly conversation: string
    readonly channel: string
    /** The key it was offered under. */
    readonly key: string
    readonly why: string
    /** It is kept among what is parked, where an operator may let it be offered again. */
    readonly parked: boolean
  }
}

export type Listener<K extends keyof RuntimeEvents> = (event: RuntimeEvents[K]) => unknown

/** Listeners by event name; one that throws or rejects is reported and never harms a turn. */
export class Listeners {
  readonly #byName = new Map<keyof RuntimeEvents, Set<Listener<never>>>()
  readonly #onThrow: (error: unknown) => void

  constructor(onThrow: (error: unknown) => void) {
    this.#onThrow = onThrow
  }

  /** Adds a listener; the returned function removes it. */
  on<K extends keyof RuntimeEvents>(name: K, listener: Listener<K>): () => void {
    const listeners = this.#byName.get(name) ?? new Set()
    this.#byName.set(name, listeners)
    listeners.add(listener as Listener<never>)
    return () => {
      listeners.delete(listener as Listener<never>)
    }
  }

  /** True when somebody listens: what nobody hears need not be put together. */
  hear(name: keyof RuntimeEvents): boolean {
    return (this.#byName.get(name)?.size ?? 0) > 0
  }

  emit<K extends keyof RuntimeEvents>(name: K, event: RuntimeEvents[K]): void {
    const listeners = this.#byName.get(name)
    if (listeners === undefined) return
    for (const listener of listeners) {
      try {
        const heard = (listener as Listener<K>)(event)
        if (heard instanceof Promise) heard.catch(this.#onThrow)
      } catch (error) {
        this.#onThrow(error)
      }
    }
  }
}
