import { AsyncLocalStorage } from 'node:async_hooks'
import type { CallDefinition } from '../../../lib/conversation/program.ts'
import type { Transport } from '../bot/ledger-bot.ts'
import { findEndpoint } from '../service/endpoints.ts'
import type { LedgerRequest } from '../service/handler.ts'
import type { LedgerService } from '../service/ledger-service.ts'
import { isAnswer, type LedgerResult } from '../service/reply.ts'
import type { Causes } from './causes.ts'
import type { Faults } from './faults.ts'
import type { EndpointFault } from './form-given.ts'
import type { Life } from './life.ts'
import type { Traffic } from './traffic.ts'

/** One request as the ledger saw it. */
export interface Asked {
  /** The entry it belongs to. */
  readonly entry: number
  /** Every entry that may be said to have caused it. */
  readonly causedBy: readonly number[]
  readonly endpoint: string
  /** The idempotency key of a changing request, else null. */
  readonly key: string | null
  /** What it changed, by effect. */
  readonly effects: Readonly<Record<string, number>>
}

/** What the way to the ledger is made of. */
export interface DoorParts {
  readonly service: LedgerService
  readonly causes: Causes
  readonly faults: Faults
  readonly traffic: Traffic
  readonly idOf: (entry: number) => string
}

/** Where the ledger is said to be; nothing listens there. */
export const LEDGER_URL = 'http://ledger.invalid'

/**
 * The way from the bot to the ledger service in the same process: no socket, the faults of the case
 * and a note of every request with the entry it belongs to.
 */
export class LedgerDoor {
  readonly asked: Asked[] = []
  readonly #parts: DoorParts
  readonly #call = new AsyncLocalStorage<string>()
  #line: Promise<unknown> = Promise.resolve()

  constructor(parts: DoorParts) {
    this.#parts = parts
  }

  /** The same call, whose requests are known to be its own. */
  watched(definition: CallDefinition): CallDefinition {
    const run: CallDefinition['run'] = (input, context) => {
      const task = definition.run(input, context)
      return () => this.#call.run(context.key, task)
    }
    return { ...definition, run }
  }

  /** The transport of one process; `crash` ends it, as a planned crash does. */
  transport(life: Life, crash: () => void): Transport {
    const { causes, traffic } = this.#parts
    return async (url, init) => {
      const key = this.#call.getStore()?.replace(/\.login$/, '')
      const root = causes.rootOfCall(key)
      const ask = (): Promise<LedgerResult> => this.#ask(requestOf(url, init), root, life, crash)
      const result = await life.outside(() => traffic.track(this.#inLine(ask)))
      return responseOf(result, init.signal ?? null)
    }
  }

  /** Forgets who asks: while anybody is known so, every promise of the process is slower. */
  close(): void {
    this.#call.disable()
  }

  /** One at a time, so that what changes while a request is answered was changed by it. */
  #inLine<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#line.then(run, run)
    this.#line = turn
    return turn
  }

  async #ask(
    request: LedgerRequest,
    root: string | null,
    life: Life,
    crash: () => void
  ): Promise<LedgerResult> {
    // The answer of a dead process is heard by nobody.
    if (life.ended) return { reset: true }
    const { service, causes, faults, idOf } = this.#parts
    const found = findEndpoint(request.method, request.path.split('?')[0] ?? '')
    const endpoint = 'endpoint' in found ? found.endpoint : null
    const entry = causes.entryOf(root)
    const fault = faults.forRequest(idOf(entry), endpoint?.name ?? '')
    if (fault?.kind === 'crashBeforeSend') {
      crash()
      return { reset: true }
    }
    if (fault !== null && fault.kind !== 'crashAfterCommit') await this.#arm(fault)
    const before = service.log().effects
    const result = await service.handle(request)
    const key = endpoint?.changes === true ? (request.headers['idempotency-key'] ?? null) : null
    this.asked.push({
      entry,
      causedBy: [entry, ...causes.indicesOf(root ?? '')],
      endpoint: endpoint?.name ?? 'unknown',
      key: typeof key === 'string' ? key : null,
      effects: gained(before, service.log().effects)
    })
    if (fault?.kind === 'crashAfterCommit') crash()
    return result
  }

  async #arm({ endpoint, kind, ...more }: EndpointFault): Promise<void> {
    const details = 'code' in more ? { code: more.code } : {}
    const failing = 'failOfferIds' in more ? { failOfferIds: more.failOfferIds } : {}
    const armed = await this.#parts.service.control({
      faults: [{ endpoint, kind, times: 1, ...details, ...failing }]
    })
    if (armed._tag === 'Left') throw new Error(`the fault cannot be armed: ${armed.left.join()}`)
  }
}

function requestOf(url: string, init: RequestInit): LedgerRequest {
  const { pathname, search } = new URL(url)
  return {
    method: init.method ?? 'GET',
    path: pathname + search,
    headers: Object.fromEntries(new Headers(init.headers)),
    ...(typeof init.body === 'string' && { body: init.body })
  }
}

/** What `fetch` makes of it: an answer, a broken connection, or a wait until the time limit. */
function responseOf(result: LedgerResult, signal: AbortSignal | null): Promise<Response> {
  if (isAnswer(result)) {
    const { status, headers, body } = result
    return Promise.resolve(new Response(body, { status, headers }))
  }
  if (!('hang' in result)) return Promise.reject(new TypeError('fetch failed'))
  return new Promise((_resolve, reject) => {
    const giveUp = (): void => reject(new DOMException('no answer in time', 'AbortError'))
    if (signal?.aborted === true) giveUp()
    else signal?.addEventListener('abort', giveUp, { once: true })
  })
}

function gained(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(after)
      .map(([effect, count]) => [effect, count - (before[effect] ?? 0)] as const)
      .filter(([, count]) => count !== 0)
  )
}
