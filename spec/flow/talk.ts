import type { Content } from '../../lib/conversation/content.ts'
import type { At, AuditNote, CallIntent, Decision } from '../../lib/conversation/decision.ts'
import type { Program } from '../../lib/conversation/program.ts'
import {
  attachedCall,
  type Call,
  type ConversationRecord,
  type Core
} from '../../lib/conversation/record.ts'
import type { Reply } from '../../lib/conversation/reply.ts'
import type { CallResult, CallSettled, TurnEvent } from '../../lib/conversation/turn-event.ts'
import type { Secret } from '../../lib/kernel/secret.ts'

export const START_MS = 1_000_000

/** Feeds events to a program and plays the runtime's part: commits, calls with keys, a clock. */
export class Talk<C extends Core = Core> {
  readonly program: Program<C>
  state: ConversationRecord<C>
  nowMs = START_MS
  version = 0
  events = 0
  /** What the last event brought. */
  decision: Decision<C> = { tag: 'ignore', why: 'nothing yet' }

  constructor(program: Program<C>) {
    this.program = program
    this.state = program.initial({ channel: 'test', account: 'a', user: '1555' }, this.at())
  }

  at(): At {
    return {
      nowMs: this.nowMs,
      seed: this.events,
      commit: { epoch: 'e', version: this.version + 1, nonce: `n${this.version + 1}` }
    }
  }

  say(text: string): readonly string[] {
    return this.send({ kind: 'text', text })
  }

  /** Taps an option, of the open prompt unless told otherwise. */
  tap(option: string, instance = this.instance): readonly string[] {
    return this.send({ kind: 'choice', instance, option })
  }

  send(content: Content, arrivedAtMs = this.nowMs): readonly string[] {
    return this.take({ kind: 'Inbound', id: this.nextId(), content, arrivedAtMs })
  }

  /** A message that is not taken yet. */
  inbound(text: string): TurnEvent {
    const content = { kind: 'text', text } as const
    return { kind: 'Inbound', id: this.nextId(), content, arrivedAtMs: this.nowMs }
  }

  answer(outcome: string, output: unknown = {}, renewed: Secret | null = null): readonly string[] {
    return this.settle({ tag: 'answered', outcome, output }, renewed)
  }

  settle(result: CallResult, renewed: Secret | null = null, key = this.key): readonly string[] {
    return this.take(this.settled(result, renewed, key))
  }

  settled(result: CallResult, renewed: Secret | null = null, key = this.key): CallSettled {
    return { kind: 'CallSettled', id: this.nextId(), key, result, renewed, attempts: 1 }
  }

  /** The session timer falls due, if one is set. */
  due(): readonly string[] {
    const timer = this.state.timers.find(({ id }) => id === 'session')
    if (timer === undefined) return []
    this.nowMs = Math.max(this.nowMs, timer.dueMs)
    return this.take({ kind: 'TimerDue', id: this.nextId(), timer: timer.id, dueMs: timer.dueMs })
  }

  take(event: TurnEvent): readonly string[] {
    return this.commit(this.program.decide(this.state, event, this.at()), event)
  }

  commit(decision: Decision<C>, event: TurnEvent): readonly string[] {
    this.decision = decision
    if (decision.tag !== 'commit') return []
    const { next, call } = decision
    this.version += 1
    this.state = call === null ? next : { ...next, calls: this.#with(next.calls, call, event) }
    return decision.replies.map(({ kind, ...reply }) => ('text' in reply ? reply.text : kind))
  }

  /** A call that is made again takes its own place. */
  #with(calls: readonly Call[], intent: CallIntent, { id: cause }: TurnEvent): readonly Call[] {
    const { name, origin, effect } = intent
    const key = `${name}/${origin}`
    const made = { key, name, origin, cause, effect, attached: true, openedAtMs: this.nowMs }
    return [...calls.filter(other => other.key !== key), made]
  }

  nextId(): string {
    this.events += 1
    return `m${this.events}`
  }

  get replies(): readonly Reply[] {
    return this.decision.tag === 'commit' ? this.decision.replies : []
  }

  get audit(): readonly AuditNote[] {
    return this.decision.tag === 'commit' ? this.decision.audit : []
  }

  /** Key of the attached call. */
  get key(): string {
    return attachedCall(this.state)?.key ?? 'none'
  }

  get instance(): string {
    return this.state.flow.prompt?.instance ?? 'none'
  }

  get place(): string {
    return `${this.state.flow.flow}.${this.state.flow.step}`
  }
}
