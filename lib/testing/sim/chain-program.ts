import { createHash } from 'node:crypto'
import * as t from 'io-ts'
import type { At, CallIntent, Decision } from '../../conversation/decision.ts'
import type { CallDefinition, Program, Relogin } from '../../conversation/program.ts'
import {
  attachedCall,
  type ConversationRecord,
  type Core,
  coreOf,
  recordOf
} from '../../conversation/record.ts'
import type { Reply } from '../../conversation/reply.ts'
import type { CallSettled, TurnEvent } from '../../conversation/turn-event.ts'

export interface ChainOptions {
  readonly calls?: Readonly<Record<string, CallDefinition>>
  readonly relogin?: Relogin
  /** Runs first in every decision; may throw, or decide otherwise. */
  readonly hook?: (state: ConversationRecord, event: TurnEvent, at: At) => Decision | undefined
  /** Runs first in every reset; may throw. */
  readonly onReset?: () => void
  /** What waits for a call says so after this long. */
  readonly progressAfterMs?: number
}

const Record = recordOf(coreOf({ member: t.string, cache: t.string }))

/**
 * A bot whose state is a hash chain over the ids of all it took: any event lost, doubled or taken
 * out of order gives another chain.
 *
 * It answers every message with `<count> <id>`. Words it knows: `call <name>`, `read <name>`,
 * `detach`, `remind <ms>`, `cancel`, `say <n>`, `silent`, `pad <characters>`.
 */
export function chainProgram(options: ChainOptions = {}): Program {
  return {
    name: 'chain',
    schema: 1,
    record: Record as Program['record'],
    initial: (channel, at) => initial({ ...EMPTY, channel }, at),
    decide: (state, event, at) => {
      const other = options.hook?.(state, event, at)
      return other === undefined ? decide(options, state, event, at) : other
    },
    reset: (state, event, at) => {
      options.onReset?.()
      const calls = state.calls.map(call => ({ ...call, attached: false }))
      const next = { ...state, calls, flow: { ...initial(state.core, at).flow } }
      return committed(linked(next, `reset ${event.id}`), [text('sorry')])
    },
    place: ({ flow: { flow, step } }) => ({ stage: flow, flow, step }),
    invalid: ({ flow }) => (flow.flow === 'CHAIN' ? null : `no flow "${flow.flow}"`),
    calls: options.calls ?? {},
    relogin: options.relogin ?? null
  }
}

/** The chain that taking these ids in this order gives. */
export function foldOf(ids: readonly string[]): string {
  return ids.reduce((chain, id) => digest(chain, id), '')
}

/** How many events the state has taken, and the chain over their ids. */
function chainOf({ flow }: ConversationRecord): { count: number; chain: string } {
  return flow.data as { count: number; chain: string }
}

const EMPTY: Omit<Core, 'channel'> = {
  locale: 'en',
  member: null,
  account: null,
  token: null,
  cache: null
}

function initial(core: Core, { nowMs }: At): ConversationRecord {
  return {
    schema: 1,
    core: Object.freeze(core),
    flow: {
      flow: 'CHAIN',
      flowVersion: 1,
      step: 'link',
      data: { count: 0, chain: '' },
      prompt: null,
      validation: { inProgress: false, attempts: 0, lastAttempt: null, error: null },
      caller: null
    },
    calls: [],
    timers: [],
    session: { startedAt: nowMs, lastMessageAt: nowMs, deadline: null, notice: null },
    meta: { initializedAt: nowMs, updatedAt: nowMs, updatedBy: { kind: 'none', id: '' } }
  }
}

function decide(
  options: ChainOptions,
  state: ConversationRecord,
  event: TurnEvent,
  at: At
): Decision {
  switch (event.kind) {
    case 'Inbound': {
      const said = event.content.kind === 'text' ? event.content.text : event.content.kind
      return inbound(options, state, event.id, said, at)
    }
    case 'CallSettled':
      return settled(state, event)
    case 'TimerDue': {
      const timers = state.timers.filter(({ id }) => id !== event.timer)
      return committed({ ...linked(state, event.id), timers }, [text(`timer ${event.timer}`)])
    }
    case 'Told':
      return committed(linked(state, event.id), [text(`told ${event.event}`)])
    case 'OperatorCommand':
      return committed(linked(state, event.id), [])
    case 'DeliveryUpdate':
    case 'ReplyRefused':
      return { tag: 'ignore', why: 'nothing to decide' }
  }
}

function inbound(
  { progressAfterMs = Number.POSITIVE_INFINITY }: ChainOptions,
  state: ConversationRecord,
  id: string,
  said: string,
  at: At
): Decision {
  const [word = '', what = ''] = said.split(' ')
  const waiting = attachedCall(state)
  if (waiting !== undefined && word !== 'detach') {
    const slow = at.nowMs - waiting.openedAtMs >= progressAfterMs
    const progress = slow ? { ...text('still working'), note: 'progress' as const } : null
    return { tag: 'defer', why: 'call', progress }
  }
  const next = linked(state, id)
  const { count } = chainOf(next)
  const replies = [text(`${count} ${id}`)]
  if (word === 'call' || word === 'read') {
    const call = { name: what, input: { id }, origin: id, effect: word === 'call' }
    return committed(next, replies, call)
  }
  if (word === 'detach') {
    const calls = state.calls.map(call => ({ ...call, attached: false }))
    return committed({ ...next, calls }, replies)
  }
  if (word === 'remind') {
    const timer = { id, dueMs: at.nowMs + Number(what), what: 'remind' }
    return committed({ ...next, timers: [...state.timers, timer] }, replies)
  }
  if (word === 'cancel') return committed({ ...next, timers: [] }, replies)
  if (word === 'say')
    return committed(
      next,
      Array.from({ length: Number(what) }, () => text(id))
    )
  if (word === 'silent') return committed(next, [])
  if (word === 'pad') {
    const data = { ...next.flow.data, pad: 'x'.repeat(Number(what)) }
    return committed({ ...next, flow: { ...next.flow, data } }, replies)
  }
  return committed(next, replies)
}

function settled(state: ConversationRecord, { id, key, result, renewed }: CallSettled): Decision {
  const call = state.calls.find(call => call.key === key)
  if (call === undefined) return { tag: 'ignore', why: 'the call is not open' }
  const calls = state.calls.filter(other => other.key !== key)
  const next = { ...linked(state, `settled ${call.cause}`), calls }
  const token = renewed === null ? state.core.token : { value: renewed, refreshes: 1, setAt: 0 }
  const said = result.tag === 'answered' ? `${result.outcome} ${JSON.stringify(result.output)}` : id
  const ended = result.tag === 'unreachable' ? `unreachable ${result.known}` : result.tag
  const line = text(call.attached ? (result.tag === 'answered' ? said : ended) : `late ${ended}`)
  return committed({ ...next, core: { ...state.core, token } }, [line])
}

function linked(state: ConversationRecord, id: string): ConversationRecord {
  const { count, chain } = chainOf(state)
  const data = { ...state.flow.data, count: count + 1, chain: digest(chain, id) }
  return { ...state, flow: { ...state.flow, data } }
}

function digest(chain: string, id: string): string {
  return createHash('sha256')
    .update(JSON.stringify([chain, id]))
    .digest('base64url')
    .slice(0, 12)
}

function committed(
  next: ConversationRecord,
  replies: readonly Reply[],
  call: CallIntent | null = null
): Decision {
  return { tag: 'commit', next, replies, call, audit: [] }
}

function text(said: string): { kind: 'text'; text: string } {
  return { kind: 'text', text: said }
}
