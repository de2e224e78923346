import * as E from 'fp-ts/lib/Either.js'
import { type ControlParts, takeControl } from './control.ts'
import type { ControlAnswer, LogAnswer } from './control-protocol.ts'
import { type LedgerRequest, readBody, strayReply } from './handler.ts'
import { encodeReply, errorReply, type LedgerResult, okReply } from './reply.ts'

/** Answers the two test paths; null when the request is for neither. */
export function answerControlRequest(
  parts: ControlParts,
  request: LedgerRequest
): Promise<LedgerResult> | null {
  if (request.path === '/_control') return answerControl(parts, request)
  return request.path === '/_log' ? answerLog(parts, request) : null
}

async function answerControl(parts: ControlParts, request: LedgerRequest): Promise<LedgerResult> {
  if (request.method !== 'POST') return encodeReply(strayReply(['POST']))
  const body = readBody(request.body ?? '')
  if (E.isLeft(body)) return encodeReply(errorReply(body.left))
  const taken = await control(parts, body.right)
  if (E.isRight(taken)) return encodeReply(okReply(taken.right))
  return encodeReply(errorReply({ code: 'VALIDATION', message: taken.left.join('; ') }))
}

async function answerLog(parts: ControlParts, request: LedgerRequest): Promise<LedgerResult> {
  return encodeReply(request.method === 'GET' ? okReply(logOf(parts)) : strayReply(['GET']))
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
