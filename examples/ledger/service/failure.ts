import type { FailureFault } from './fault-table.ts'
import type { RefusalCode } from './protocol.ts'
import { encodeReply, errorReply, type LedgerResult, type Reply } from './reply.ts'

/** How a failure ends a request that the ledger never sees; null when it lets it through. */
export function failBeforeCommit(failure: FailureFault | null): LedgerResult | null {
  switch (failure?.kind) {
    case 'refuse':
      return { refuse: true }
    case 'resetBeforeCommit':
      return { reset: true }
    case 'timeout':
      return { hang: true }
    case 'http401':
      return encodeReply(errorReply({ code: 'UNAUTHORIZED', message: INJECTED }))
    case 'http429':
      return encodeReply(
        errorReply(
          { code: 'TOO_MANY_REQUESTS', message: INJECTED },
          { 'retry-after': String(failure.retryAfterSeconds ?? 1) }
        )
      )
    case 'http500':
    case 'http502':
    case 'http503':
    case 'html':
      return failure.afterCommit === true ? null : injectedPage(failure.kind)
    default:
      return null
  }
}

/** What becomes of the reply of a request that the ledger has answered. */
export function failAfterCommit(failure: FailureFault | null, reply: Reply): LedgerResult {
  switch (failure?.kind) {
    case 'resetAfterCommit':
      return { reset: true }
    case 'timeoutAfterCommit':
      return { hang: true }
    case 'http500':
    case 'http502':
    case 'http503':
    case 'html':
      return injectedPage(failure.kind)
    case 'truncatedJson': {
      const answer = encodeReply(reply)
      return { ...answer, body: answer.body.slice(0, Math.floor(answer.body.length / 2)) }
    }
    case 'missingField':
      return encodeReply({ ...reply, body: withoutField(reply.body, failure) })
    case 'emptyDashboard':
      return encodeReply({ ...reply, body: { ...reply.body, dashboard: {} } })
    case 'noToken':
      return encodeReply({ ...reply, body: withoutField(reply.body, { field: 'token' }) })
    case 'slowHeaders':
      return { ...encodeReply(reply), slowHeadersMs: failure.ms }
    default:
      return encodeReply(reply)
  }
}

/** The refusal that the ledger shall give in place of its own decision. */
export function forcedRefusalOf(failure: FailureFault | null): RefusalCode | undefined {
  if (failure?.kind === 'business') return failure.code
  return failure?.kind === 'notFound' ? 'NOT_FOUND' : undefined
}

/** Which ids of an accept-all shall fail, and why. */
export function forcedFailuresOf(failure: FailureFault | null): ReadonlyMap<string, RefusalCode> {
  if (failure?.kind !== 'partial') return new Map()
  return new Map(failure.failOfferIds.map(offerId => [offerId, failure.code ?? 'NOT_PENDING']))
}

const INJECTED = 'Injected by a test; ask again.'

function injectedPage(kind: 'http500' | 'http502' | 'http503' | 'html'): LedgerResult {
  if (kind === 'html') return htmlPage(200, 'Welcome to this network')
  if (kind === 'http502') return htmlPage(502, 'Bad Gateway')
  const code = kind === 'http500' ? 'INTERNAL' : 'UNAVAILABLE'
  return encodeReply(errorReply({ code, message: INJECTED }))
}

// What proxies and captive portals say in the service's place.
function htmlPage(status: number, title: string): LedgerResult {
  const body = `<!doctype html><title>${title}</title><h1>${title}</h1>`
  return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body }
}

// `field` is a path such as `dashboard.member.tier`; a path that leads nowhere changes nothing.
function withoutField(
  value: unknown,
  { field, renamedTo }: { readonly field: string; readonly renamedTo?: string }
): Record<string, unknown> {
  const [key = '', ...rest] = field.split('.')
  const copy: Record<string, unknown> = { ...(value as object) }
  const found = copy[key]
  if (found === undefined) return copy
  if (rest.length > 0) {
    const inner = withoutField(found, { field: rest.join('.'), ...(renamedTo && { renamedTo }) })
    copy[key] = Array.isArray(found) ? Object.values(inner) : inner
    return copy
  }
  delete copy[key]
  if (renamedTo !== undefined) copy[renamedTo] = found
  return copy
}
