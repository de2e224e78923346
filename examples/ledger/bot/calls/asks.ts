import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { CallContext, CallFailure } from '../../../../lib/conversation/program.ts'
import { attempt, CallFailed } from '../../../../lib/flow/index.ts'
import type { RefusalCode } from '../../service/protocol.ts'
import type { Answered, LedgerClient } from '../client/ledger-client.ts'
import type { LedgerRequest } from '../client/requests.ts'

/** One of a call's declared outcomes, with its data. */
export interface Outcome<K extends string, B> {
  readonly outcome: K
  readonly output: B
}

/** Which outcome each answer of the ledger is; a refusal that is not named is a bad answer. */
export interface Answers<A, K extends string, B, N extends string> {
  readonly yes: (answered: Answered<A>) => Outcome<K, B>
  readonly no: { readonly [C in RefusalCode]?: N }
}

/** The `run` of a call that is one request to the ledger. */
export function asks<I, A, const K extends string, B, const N extends string>(
  ledger: LedgerClient,
  requestOf: (input: I) => LedgerRequest<A>,
  { yes, no }: Answers<A, K, B, N>
) {
  return (
    input: I,
    context: CallContext
  ): TE.TaskEither<CallFailure, Outcome<K, B> | Outcome<N, Record<never, never>>> =>
    attempt(async () => {
      const answered = await ledger.ask(requestOf(input), context)
      if (E.isRight(answered)) return yes(answered.right)
      const { code } = answered.left
      const outcome = no[code]
      if (outcome === undefined)
        throw new CallFailed({ tag: 'badAnswer', detail: `refused: ${code}` })
      return { outcome, output: {} }
    })
}
