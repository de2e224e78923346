import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { CallFailed } from '../../../../lib/flow/index.ts'
import { Secret } from '../../../../lib/kernel/secret.ts'
import { ErrorAnswer, type LedgerError, RefusalCode } from '../../service/protocol.ts'
import { lost } from './lost.ts'
import { readText } from './read-text.ts'
import type { LedgerRequest } from './requests.ts'

/** What a request goes out with; the `CallContext` of a call fits. */
export interface Sending {
  /** The idempotency key: the same for every repeat. */
  readonly key: string
  readonly token: Secret | null
  readonly signal: AbortSignal
}

/** The ledger's no to a request that it understood. */
export type Refusal = LedgerError & { readonly code: RefusalCode }

/** The ledger's yes, and the token that came with it, if any. */
export interface Answered<A> {
  readonly answer: A
  readonly token: Secret | null
}

/** The door to the ledger: one request, one answer, no repeats. */
export interface LedgerClient {
  /**
   * Sends one request. Right is the ledger's yes, left its no.
   *
   * Rejects with `CallFailed`: `unavailable` when nothing was done, `unknown` when that cannot be
   * told, `unauthorised` when the token was refused, `badAnswer` when the answer is no answer.
   */
  ask<A>(request: LedgerRequest<A>, sending: Sending): Promise<E.Either<Refusal, Answered<A>>>
}

/** How a request travels; the global `fetch`, or a simulation of it. */
export type Transport = (url: string, init: RequestInit) => Promise<Response>

export interface LedgerClientOptions {
  /** Address of the service, such as `http://127.0.0.1:4000`; a path in it is kept. */
  readonly url: string
  /** Default the global `fetch`. */
  readonly fetch?: Transport
  /** Sent as `x-client-api-key`; default none. */
  readonly clientKey?: string
}

/** Bytes of an answer; more is a bad answer. */
export const ANSWER_BYTES_MAX = 262_144

/** Makes a client of the ledger service over HTTP. */
export function ledgerClient({
  url,
  fetch = globalThis.fetch,
  clientKey
}: LedgerClientOptions): LedgerClient {
  const base = url.replace(/\/+$/, '')
  const headersOf = (signsIn: boolean, { key, token }: Sending) => ({
    accept: 'application/json',
    'content-type': 'application/json',
    'idempotency-key': key,
    ...(clientKey !== undefined && { 'x-client-api-key': clientKey }),
    ...(token !== null && !signsIn && { authorization: `Bearer ${token.reveal()}` })
  })

  return {
    ask: async (request, sending) => {
      const { method, path, body } = request
      const init: RequestInit = {
        method,
        headers: headersOf(request.signsIn === true, sending),
        redirect: 'manual',
        signal: sending.signal,
        ...(body !== undefined && { body: JSON.stringify(body) })
      }
      try {
        const response = await fetch(base + path, init)
        return judge(request, response, await readText(response, ANSWER_BYTES_MAX))
      } catch (thrown) {
        throw thrown instanceof CallFailed ? thrown : new CallFailed(lost(thrown))
      }
    }
  }
}

function judge<A>(
  request: LedgerRequest<A>,
  { status, headers }: Response,
  text: string
): E.Either<Refusal, Answered<A>> {
  if (status === 200) return E.right(answeredBy(request, headers, text))
  if (status === 401 && request.signsIn !== true) throw new CallFailed({ tag: 'unauthorised' })
  if (status === 401 || status === 429)
    throw new CallFailed({ tag: 'unavailable', detail: `status ${status}` })
  // A gateway says so of requests that it has passed on, and the service of a commit that it could
  // not bring to its disk: nobody knows what was done.
  if (status >= 500) throw new CallFailed({ tag: 'unknown', detail: `status ${status}` })
  const { error } = decoded(ErrorAnswer, text, status)
  if (isRefusal(error)) return E.left(error)
  throw new CallFailed({ tag: 'badAnswer', detail: `${status} ${error.code}` })
}

function answeredBy<A>({ answer, signsIn }: LedgerRequest<A>, headers: Headers, text: string) {
  const yes = decoded(answer, text, 200)
  const inBody = (yes as { readonly token?: string }).token
  const inHeader = /^Bearer (.+)$/i.exec(headers.get('authorization') ?? '')?.[1]
  const token = inBody ?? inHeader ?? null
  // A token is written into a header of the next request: blanks and line breaks would break it.
  if (token === null ? signsIn === true : !/^[!-~]{1,4096}$/.test(token))
    throw new CallFailed({ tag: 'badAnswer', detail: 'no usable token' })
  return { answer: yes, token: token === null ? null : Secret.of(token) }
}

function decoded<A>(codec: t.Decoder<unknown, A>, text: string, status: number): A {
  const json = E.tryCatch(
    (): unknown => JSON.parse(text),
    () => null
  )
  const result = E.isRight(json) ? codec.decode(json.right) : json
  if (E.isRight(result)) return result.right
  const what = E.isRight(json) ? 'another shape' : 'no JSON'
  throw new CallFailed({ tag: 'badAnswer', detail: `status ${status}, ${what}` })
}

function isRefusal(error: LedgerError): error is Refusal {
  return RefusalCode.is(error.code)
}
