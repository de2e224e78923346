import * as E from 'fp-ts/lib/Either.js'
import { type ControlParts, takeControl } from './control.ts'
import type { ControlAnswer, LogAnswer } from './control-protocol.ts'
import { type LedgerRequest, readBody, strayReply } from './handler.ts'
import { encodeReply, errorReply, type LedgerResult, okReply } from './reply.ts'

/** Answers the two test paths; null when the request is for neither. */
export async function answerControlRequest(
  parts: ControlParts,
  request: LedgerRequest
): Promise<LedgerResult | null> {
  if (request.path === '/_log') {
    return encodeReply(request.method === 'GET' ? okReply(logOf(parts)) : strayReply(['GET']))
  }
  if (request.path !== '/_control') return null
  if (request.method !== 'POST') return encodeReply(strayReply(['POST']))

  const body = readBody(request.body ?? '')
  if (E.isLeft(body)) return encodeReply(errorReply(body.left))
  const taken = await control(parts, body.right)
  if (E.isRight(taken)) return encodeReply(okReply(taken.right))
  const message = taken.left.join('; ')
  return encodeReply(errorReply({ code: 'VALIDATION', message }))
}

/** Takes control and waits until what it changed is on the disk. */
export async function control(
  parts: ControlParts,
  request: unknown
): Promise<E.Either<readonly string[], ControlAnswer>> {
  const taken = takeControl(parts, request)
  await parts.journal.flushed()
  return taken
}

export function logOf({ ledger, requests }: ControlParts): LogAnswer {
  return {
    requests: [...requests.requests],
    calls: requests.calls,
    effects: { ...ledger.effects },
    offers: ledger.offers()
  }
}
