import assert from 'node:assert/strict'
import {
  identityOf,
  type LedgerBotConfig,
  type LedgerCore,
  ledgerBot,
  ledgerClient,
  type Transport
} from '../../../../examples/ledger/bot/ledger-bot.ts'
import type { LedgerService } from '../../../../examples/ledger/service/ledger-service.ts'
import { isAnswer } from '../../../../examples/ledger/service/reply.ts'
import type { CallDefinition } from '../../../../lib/conversation/program.ts'
import type { Reply } from '../../../../lib/conversation/reply.ts'
import type { CallResult } from '../../../../lib/conversation/turn-event.ts'
import type { Secret } from '../../../../lib/kernel/secret.ts'
import { Talk } from '../../../flow/talk.ts'
import { ALICE, type AService, aService } from '../service/a-service.ts'

/** A way to the ledger in the same process; a request without an answer fails at once. */
export function transportTo(service: Pick<LedgerService, 'handle'>): Transport {
  return async (url, init) => {
    const { pathname, search } = new URL(url)
    const result = await service.handle({
      method: init.method ?? 'GET',
      path: pathname + search,
      headers: Object.fromEntries(new Headers(init.headers)),
      ...(typeof init.body === 'string' && { body: init.body })
    })
    if (!isAnswer(result)) throw new TypeError('fetch failed')
    const { status, headers, body } = result
    return new Response(body, { status, headers })
  }
}

/** One member who talks to the bot; calls go to a real ledger and are driven to their end. */
export class MemberTalk extends Talk<LedgerCore> {
  readonly parts: AService
  /** Replies of everything since the member spoke last, calls included. */
  heard: Reply[] = []

  constructor(parts: AService, user: string, config: Partial<LedgerBotConfig> = {}) {
    const ledger = ledgerClient({
      url: 'http://ledger.invalid',
      fetch: transportTo(parts.service)
    })
    super(ledgerBot({ ledger, config }))
    this.parts = parts
    this.state = this.program.initial({ channel: 'whatsapp', account: '1', user }, this.at())
  }

  /** Types a text and waits until nothing is under way; gives the texts that came. */
  async types(text: string): Promise<readonly string[]> {
    return this.#settled(() => this.say(text))
  }

  /** Taps an option of the open prompt unless another one is named. */
  async taps(option: string, instance = this.instance): Promise<readonly string[]> {
    return this.#settled(() => this.tap(option, instance))
  }

  async sends(what: string): Promise<readonly string[]> {
    return this.#settled(() => this.send({ kind: 'unsupported', what }))
  }

  /** Ids of the options that the last reply offered. */
  get offered(): readonly string[] {
    return this.state.flow.prompt?.options ?? []
  }

  get data(): Readonly<Record<string, unknown>> {
    return this.state.flow.data
  }

  get attempts(): number {
    return this.state.flow.validation.attempts
  }

  get stage(): string {
    return this.program.place(this.state).stage
  }

  get identity(): ReturnType<typeof identityOf> {
    return identityOf(this.state.core)
  }

  /** Arms faults of the ledger; fails when the ledger does not know them. */
  async meets(...faults: readonly object[]): Promise<void> {
    assert.equal((await this.parts.service.control({ faults }))._tag, 'Right')
  }

  get effects(): Readonly<Record<string, number>> {
    return this.parts.service.log().effects
  }

  async #settled(act: () => unknown): Promise<readonly string[]> {
    this.heard = []
    act()
    this.heard.push(...this.replies)
    while (this.decision.tag === 'commit' && this.decision.call !== null) {
      const { name, input } = this.decision.call
      const definition = this.program.calls[name] ?? assert.fail(`no call ${name}`)
      const { result, renewed } = await drive(this, definition, input)
      this.settle(result, renewed)
      this.heard.push(...this.replies)
    }
    return this.heard.map(reply => ('text' in reply ? reply.text : reply.kind))
  }
}

/** What the runtime does for a call, without waiting: attempts, and one login when refused. */
async function drive(
  talk: MemberTalk,
  definition: CallDefinition,
  input: unknown
): Promise<{ readonly result: CallResult; readonly renewed: Secret | null }> {
  const { signal } = new AbortController()
  let token = talk.state.core.token?.value ?? null
  let renewed: Secret | null = null
  let known: 'not-done' | 'unknown' = 'not-done'
  for (let attempt = 1; attempt <= definition.attempts; attempt += 1) {
    const context = { key: talk.key, token, signal, attempt }
    const ended = await definition.run(input, context)()
    if (ended._tag === 'Right') return { result: { tag: 'answered', ...ended.right }, renewed }
    if (ended.left.tag === 'unknown' || ended.left.tag === 'badAnswer') known = 'unknown'
    if (ended.left.tag !== 'unauthorised' || renewed !== null) continue
    const login = await relogin(talk, signal)
    if (login === 'memberUnknown') return { result: { tag: login, known }, renewed: null }
    renewed = login
    token = login
  }
  return { result: { tag: 'unreachable', known }, renewed }
}

async function relogin(
  { program, state, key }: MemberTalk,
  signal: AbortSignal
): Promise<Secret | 'memberUnknown' | null> {
  const { relogin: way, calls } = program
  const login = calls[way?.call ?? ''] ?? assert.fail('the bot cannot log in again')
  const context = { key: `${key}.login`, token: null, signal, attempt: 1 }
  const ended = await login.run(way?.input(state.core), context)()
  return ended._tag === 'Right' ? (way?.token(ended.right) ?? null) : null
}

/** Alice, tier 1, at her dashboard: 120.00 USD, 500.00 ZWG, 0.5000 XAU, 50.00 USD a day. */
export async function aliceAtMenu(
  config: Partial<LedgerBotConfig> = {},
  content?: unknown
): Promise<MemberTalk> {
  const parts = await aService(content === undefined ? {} : { content })
  const talk = new MemberTalk(parts, ALICE, config)
  await talk.types('hi')
  return talk
}
