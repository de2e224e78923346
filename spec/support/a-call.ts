import type { Either } from 'fp-ts/lib/Either.js'
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type {
  CallAnswer,
  CallContext,
  CallDefinition,
  CallFailure
} from '../../lib/conversation/program.ts'

/** What one attempt of a call was given, and what it may be told. */
interface Attempted extends CallContext {
  readonly input: unknown
  readonly end: (result: Either<CallFailure, CallAnswer>) => void
  readonly reject: (error: unknown) => void
}

/** An outside service under control: every attempt waits until it is answered. */
export interface ControlledCall {
  readonly definition: CallDefinition
  readonly made: Attempted[]
  /** Answers the newest attempt, and by itself every later one. */
  readonly answer: (answer: CallAnswer) => void
  readonly fail: (failure: CallFailure) => void
}

export function aCall(name: string, change: Partial<CallDefinition> = {}): ControlledCall {
  const made: Attempted[] = []
  let standing: Either<CallFailure, CallAnswer> | null = null
  const stand = (result: Either<CallFailure, CallAnswer>): void => {
    standing = result
    made.at(-1)?.end(result)
  }
  const definition: CallDefinition = {
    name,
    effect: true,
    input: t.unknown,
    outcomes: { ok: t.strict({ n: t.number }) as unknown as t.Type<unknown>, no: t.unknown },
    attempts: 3,
    timeoutMs: 10_000,
    run: (input, context) => () =>
      new Promise((resolve, reject) => {
        made.push({ ...context, input, end: resolve, reject })
        if (standing !== null) resolve(standing)
      }),
    ...change
  }
  return {
    definition,
    made,
    answer: answer => stand(E.right(answer)),
    fail: failure => stand(E.left(failure))
  }
}
