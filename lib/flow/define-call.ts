import * as TE from 'fp-ts/lib/TaskEither.js'
import type * as t from 'io-ts'
import type {
  CallAnswer,
  CallContext,
  CallDefinition,
  CallFailure,
  UnknownOutcome
} from '../conversation/program.ts'
import { whatWasThrown } from '../kernel/thrown.ts'
import type { Text } from './text.ts'

/** Codec of the data of each outcome, by the outcome's name. */
export type OutcomeCodecs = Readonly<Record<string, t.Mixed>>

/** What a call answers: one declared outcome with data of that outcome. */
type AnswerOf<O extends OutcomeCodecs> = {
  readonly [K in keyof O & string]: { readonly outcome: K; readonly output: t.TypeOf<O[K]> }
}[keyof O & string]

/** What `defineCall` is told. */
export interface CallSpec<I, O extends OutcomeCodecs> {
  /** Unique in the bot; part of the idempotency key. */
  readonly name: string
  /** True when the call changes something outside: never dropped, never signed twice. */
  readonly effect: boolean
  readonly input: t.Type<I, unknown>
  readonly outcomes: O
  /** Attempts in all, the first included; default 3. */
  readonly attempts?: number
  /** Limit of one attempt in milliseconds; default 10,000. */
  readonly timeoutMs?: number
  /** Said when the call settles after its flow was left; by outcome, default nothing. */
  readonly late?: { readonly [K in keyof O & string]?: Text }
  /** Failed attempts in a row that stop this call for `openMs`; default 10, for 10,000 ms. */
  readonly breaker?: { readonly failures: number; readonly openMs: number }
  /** What follows an attempt that may have been done; default `retry-with-key`. */
  readonly unknown?: UnknownOutcome
  /** Asks what became of the call with this key (`unknown: 'read-back'`); null: it was not done. */
  readBack?(input: I, context: CallContext): TE.TaskEither<CallFailure, AnswerOf<O> | null>
  run(input: I, context: CallContext): TE.TaskEither<CallFailure, AnswerOf<O>>
}

/** An outside request by name, with the types of its input and outcomes. */
export interface Call<I, O extends OutcomeCodecs> extends CallDefinition {
  readonly late: Readonly<Record<string, Text>>
  /** For the compiler only. */
  readonly answers?: (input: I) => O
}

/**
 * Declares an outside request once; flows name it in `call` steps.
 *
 * @example
 * const resolve = defineCall({
 *   name: 'resolve',
 *   effect: false,
 *   input: t.strict({ handle: t.string }),
 *   outcomes: { found: t.strict({ accountId: t.string }), unknown: t.strict({}) },
 *   run: ({ handle }, { signal }) => attempt(() => ask(handle, signal))
 * })
 */
export function defineCall<I, const O extends OutcomeCodecs>(spec: CallSpec<I, O>): Call<I, O> {
  // The runtime knows calls by name only; what it hands back was decoded by these codecs.
  const erased = spec as unknown as CallDefinition
  return Object.freeze({
    name: spec.name,
    effect: spec.effect,
    input: erased.input,
    outcomes: erased.outcomes,
    attempts: spec.attempts ?? 3,
    timeoutMs: spec.timeoutMs ?? 10_000,
    late: (spec.late ?? {}) as Readonly<Record<string, Text>>,
    unknown: spec.unknown ?? 'retry-with-key',
    run: (input: unknown, context: CallContext) => erased.run(input, context),
    ...(spec.breaker === undefined ? {} : { breaker: spec.breaker }),
    ...(spec.readBack === undefined
      ? {}
      : { readBack: (input: unknown, context: CallContext) => erased.readBack!(input, context) })
  })
}

/** Thrown inside `attempt` to end it with a failure of one's own choice. */
export class CallFailed extends Error {
  readonly failure: CallFailure
  constructor(failure: CallFailure) {
    super(`the call failed: ${failure.tag}`)
    this.name = 'CallFailed'
    this.failure = failure
  }
}

/**
 * Makes a call's `run` from a promise.
 *
 * A thrown `CallFailed` ends it with that failure; anything else thrown is `unknown`: it may have
 * been done, and another attempt with the same key tells.
 */
export function attempt<const A extends CallAnswer>(
  run: () => Promise<A>
): TE.TaskEither<CallFailure, A> {
  return TE.tryCatch(
    run,
    (thrown): CallFailure =>
      thrown instanceof CallFailed
        ? thrown.failure
        : { tag: 'unknown', detail: whatWasThrown(thrown) }
  )
}
