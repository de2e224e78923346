import assert from 'node:assert/strict'
import {
  createLedgerService,
  type LedgerService,
  type LedgerServiceOptions
} from '../../../../examples/ledger/service/ledger-service.ts'
import type { Clock, Logger, Random } from '../../../../examples/ledger/service/surroundings.ts'
import { seededRandom } from '../../../../lib/kernel/random.ts'

export const ALICE = '15550001001'
export const BOB = '15550002002'

/** A clock that stands still until it is moved; what falls due on the way runs in order. */
export class HandClock implements Clock {
  #nowMs = Date.parse('2026-01-05T08:00:00.000Z')
  #waits: { dueMs: number; run: () => void }[] = []

  nowMs(): number {
    return this.#nowMs
  }

  after(delayMs: number, run: () => void): () => void {
    const wait = { dueMs: this.#nowMs + delayMs, run }
    this.#waits.push(wait)
    return () => {
      this.#waits = this.#waits.filter(other => other !== wait)
    }
  }

  get waiting(): number {
    return this.#waits.length
  }

  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs
    const due = this.#waits
      .filter(({ dueMs }) => dueMs <= untilMs)
      .toSorted((one, other) => one.dueMs - other.dueMs)
    this.#waits = this.#waits.filter(wait => !due.includes(wait))
    for (const { dueMs, run } of due) {
      this.#nowMs = dueMs
      run()
    }
    this.#nowMs = untilMs
  }
}

/** Keeps every line, so that a spec can see what was told and what was not. */
export class KeptLog implements Logger {
  readonly lines: string[] = []
  readonly debug = (fields: object) => this.#keep('debug', fields)
  readonly info = (fields: object) => this.#keep('info', fields)
  readonly warn = (fields: object) => this.#keep('warn', fields)
  readonly error = (fields: object) => this.#keep('error', fields)

  #keep(level: string, fields: object): void {
    this.lines.push(JSON.stringify({ level, ...fields }))
  }
}

export interface AService {
  readonly service: LedgerService
  readonly clock: HandClock
  readonly logger: KeptLog
  readonly random: Random
}

/** A service with the members of the transcripts, in memory, at 2026-01-05 08:00 UTC. */
export async function aService(
  options: Partial<Omit<LedgerServiceOptions, 'clock' | 'logger'>> = {}
): Promise<AService> {
  const clock = new HandClock()
  const logger = new KeptLog()
  const random = options.random ?? seededRandom(7)
  const service = await createLedgerService({ control: true, ...options, clock, random, logger })
  return { service, clock, logger, random }
}

export interface Asking {
  readonly token?: string
  readonly key?: string
  readonly body?: unknown
}

export interface Told {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  /** The decoded JSON, as loose as a spec wants it. */
  readonly json: Loose
}

/** JSON whose shape the spec asserts. */
export interface Loose {
  readonly [key: string]: Loose
}

/** Asks in process and expects an HTTP answer. */
export async function ask(
  { service }: Pick<AService, 'service'>,
  method: string,
  path: string,
  { token, key, body }: Asking = {}
): Promise<Told> {
  const result = await service.handle({
    method,
    path,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(key !== undefined && { 'idempotency-key': key })
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) })
  })
  assert.ok('status' in result, `no answer: ${JSON.stringify(result)}`)
  const { status, headers, body: text } = result
  const isJson = headers['content-type']?.startsWith('application/json')
  return { status, headers, text, json: parsed(text, isJson === true) }
}

/** Logs in and answers the token. */
export async function loggedIn(parts: Pick<AService, 'service'>, phone = ALICE): Promise<string> {
  const { json } = await ask(parts, 'POST', '/login', { body: { phone } })
  return textAt(json, 'token')
}

/** The text at a place of an answer; fails when there is none. */
export function textAt(json: Loose, ...path: readonly string[]): string {
  const found = path.reduce<Loose | undefined>((inner, key) => inner?.[key], json) as unknown
  return typeof found === 'string' ? found : assert.fail(`no text at ${path.join('.')}`)
}

/** An offer of Alice to Bob, 10.00 USD unless said otherwise. */
export function anOffer(more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { issuer: 'acc-alice', receiver: 'acc-bob', amount: '10.00', denom: 'USD', ...more }
}

// A damaged body is a thing that faults make; then there is no JSON to look at.
function parsed(text: string, isJson: boolean): Loose {
  if (!isJson) return {}
  try {
    return JSON.parse(text) as Loose
  } catch (cause) {
    if (cause instanceof SyntaxError) return {}
    throw cause
  }
}
