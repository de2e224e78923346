import * as O from 'fp-ts/lib/Option.js'
import type { EndpointName } from './protocol.ts'

interface Endpoint {
  readonly name: EndpointName
  readonly method: 'GET' | 'POST'
  /** `{id}` stands for one segment. */
  readonly path: string
  /** Needs no token and answers with one. */
  readonly signsIn?: true
  /** Changes the ledger, so it needs an `Idempotency-Key`. */
  readonly changes?: true
  /** Answers with the whole fresh dashboard. */
  readonly showsDashboard?: true
}

const change = { changes: true, showsDashboard: true } as const

const endpoints: readonly Endpoint[] = [
  { name: 'login', method: 'POST', path: '/login', signsIn: true, showsDashboard: true },
  { name: 'registerMember', method: 'POST', path: '/members', signsIn: true, ...change },
  { name: 'resolveHandle', method: 'POST', path: '/accounts/resolve' },
  { name: 'createOffer', method: 'POST', path: '/offers', ...change },
  { name: 'acceptAll', method: 'POST', path: '/offers/accept-all', ...change },
  { name: 'acceptOffer', method: 'POST', path: '/offers/{id}/accept', ...change },
  { name: 'declineOffer', method: 'POST', path: '/offers/{id}/decline', ...change },
  { name: 'cancelOffer', method: 'POST', path: '/offers/{id}/cancel', ...change },
  { name: 'readLedger', method: 'GET', path: '/accounts/{id}/ledger' },
  { name: 'upgradeTier', method: 'POST', path: '/members/{id}/upgrade', ...change },
  { name: 'readOperation', method: 'GET', path: '/operations/{id}' }
]

export interface Found {
  readonly endpoint: Endpoint
  /** What stands in place of `{id}`; empty where there is no such place. */
  readonly pathId: string
}

/** Finds the endpoint of a request; else the methods that its path would allow, maybe none. */
export function findEndpoint(method: string, path: string): Found | { readonly allowed: string[] } {
  const fitting = endpoints.flatMap(endpoint => {
    const pathId = match(endpoint.path, path)
    return pathId === null ? [] : [{ endpoint, pathId }]
  })
  const found = fitting.find(({ endpoint }) => endpoint.method === method)
  return found ?? { allowed: [...new Set(fitting.map(({ endpoint }) => endpoint.method))] }
}

function match(pattern: string, path: string): string | null {
  const wanted = pattern.split('/')
  const given = path.split('/')
  const same = wanted.every((part, index) => part === given[index] || part === '{id}')
  if (!same || wanted.length !== given.length) return null
  const segment = given[wanted.indexOf('{id}')] ?? ''
  return O.toNullable(O.tryCatch(() => decodeURIComponent(segment)))
}
