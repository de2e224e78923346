import type { Channel, Receipt } from '../channel/channel.ts'
import type { Address } from '../conversation/address.ts'
import type { At, Decision } from '../conversation/decision.ts'
import type { CallDefinition, Program, ResetWay } from '../conversation/program.ts'
import type { ConversationRecord } from '../conversation/record.ts'
import type { TurnEvent } from '../conversation/turn-event.ts'
import type { Log } from '../kernel/log.ts'
import { conversationId } from '../store/identity.ts'
import { comparable, EVENT_LOG_LAYOUT, EventLog } from './event-log.ts'
import { observedStore } from './observed-store.ts'
import type { Given } from './running.ts'

/** Tells of an arrival and of its end; the line of an answer comes before the answer. */
export type Told = (arrival: Arrival, receipt: Promise<Receipt>) => Promise<Receipt>

interface Arrival {
  readonly conv: string
  readonly id: string
  readonly address: Address
}

/**
 * The same parts, writing what passes through them as lines of the event log.
 *
 * Everything is seen at the seams (store, bot, channels, listeners), so that a runtime without an
 * event log pays nothing for it.
 */
export function watched(
  given: Given,
  idKey: Uint8Array
): { readonly given: Given; readonly told: Told } {
  const { eventLog: write, bot, clock, process, store, channel, log } = given
  if (write === undefined) return { given, told: (_arrival, receipt) => receipt }
  const onThrow = (why: string): void => {
    log.warn({ event: 'events.failed', why }, 'a line of the event log is lost')
  }
  const events = new EventLog({ write, clock, process, idKey, onThrow })
  events.tell('start', { id: bot.name, layout: EVENT_LOG_LAYOUT })
  listened(given, events)
  const parts = {
    ...given,
    bot: observedBot(bot, events, idKey),
    store: observedStore(store, events),
    channel: observedChannels(channel, events),
    log: observedLog(log, events)
  }
  const told: Told = ({ conv, id, address }, receipt) =>
    tellEnds(events, { conv, id }, channel(address.channel) === undefined, receipt)
  return { given: parts, told }
}

async function tellEnds(
  events: EventLog,
  arrival: Omit<Arrival, 'address'>,
  byReceipt: boolean,
  receipt: Promise<Receipt>
): Promise<Receipt> {
  events.tell('recv', byReceipt ? { ...arrival, byReceipt } : arrival)
  const ended = await receipt
  const replies = 'replies' in ended ? ended.replies : []
  const gave = byReceipt ? { gave: replies.map(reply => events.digest(reply)) } : {}
  if (ended.tag === 'shed') events.tell('shed', { ...arrival, outcome: ended.reason })
  else events.tell('acked', { ...arrival, outcome: ended.tag, ...gave })
  return ended
}

function listened({ listeners }: Given, events: EventLog): void {
  listeners.on('restarted', ({ conversation, attempt, failure: { code } }) => {
    events.tell('restart', { conv: conversation, ver: attempt, outcome: code })
  })
  listeners.on('parked', ({ conversation, event, failure: { code } }) => {
    events.tell('dead', { conv: conversation, id: event, outcome: code })
  })
  listeners.on('undeliverable', ({ conversation: conv, key, parked }) => {
    if (!parked) events.tell('out.unkept', { conv, key })
  })
  listeners.on('rollback', ({ conversation }) => events.tell('rollback', { conv: conversation }))
}

function observedBot(bot: Program, events: EventLog, idKey: Uint8Array): Program {
  const around =
    (how: 'decide' | 'reset') =>
    (state: ConversationRecord, event: TurnEvent, at: At, way?: ResetWay): Decision => {
      const { epoch, version: ver, nonce: key } = at.commit
      const conv = conversationId(idKey, state.core.channel)
      const fields = { conv, epoch, id: event.id, ver, key }
      if (event.kind === 'TimerDue') events.tell('timer.fire', fields)
      const digest = events.digest(comparable(state))
      events.tell('handler.start', { ...fields, digest, outcome: `${how} ${event.kind}` })
      try {
        const decision =
          how === 'decide' ? bot.decide(state, event, at) : bot.reset(state, event, at, way)
        events.tell('handler.end', { ...fields, outcome: String(decision?.tag) })
        return decision
      } catch (error) {
        events.tell('handler.end', { ...fields, outcome: 'threw' })
        throw error
      }
    }
  const calls = Object.entries(bot.calls).map(([name, call]) => [name, observedCall(call, events)])
  return {
    ...bot,
    decide: around('decide'),
    reset: around('reset'),
    calls: Object.fromEntries(calls) as Program['calls']
  }
}

function observedCall(call: CallDefinition, events: EventLog): CallDefinition {
  return {
    ...call,
    run: (input, context) => {
      const { key, attempt } = context
      const digest = events.digest(input)
      events.tell('effect.try', { key, id: call.name, digest, ver: attempt })
      return call.run(input, context)
    }
  }
}

function observedChannels(find: Given['channel'], events: EventLog): Given['channel'] {
  const known = new Map<Channel, Channel>()
  return name => {
    const channel = find(name)
    if (channel === undefined) return undefined
    const made = known.get(channel) ?? observedChannel(channel, events)
    known.set(channel, made)
    return made
  }
}

function observedChannel(channel: Channel, events: EventLog): Channel {
  return new Proxy(channel, {
    get: (target, property) => {
      const value: unknown = Reflect.get(target, property)
      if (typeof value !== 'function') return value
      if (property !== 'send')
        return (...args: unknown[]) => Reflect.apply(value, target, args) as unknown
      return async (...args: Parameters<Channel['send']>) => {
        const [{ key, reply }] = args
        const conv = key.slice(0, key.indexOf('.'))
        const digest = events.digest(reply)
        events.tell('out.offer', { conv, key, digest, limitMs: target.sendTimeoutMs })
        const sent = await (Reflect.apply(value, target, args) as ReturnType<Channel['send']>)
        events.tell('out.took', { conv, key, outcome: sent.tag })
        return sent
      }
    }
  })
}

// A fault above the conversations is known only by what is logged of it.
function observedLog(log: Log, events: EventLog): Log {
  return {
    ...log,
    error: (fields, message) => {
      const { event, conversation } = fields as { event?: unknown; conversation?: unknown }
      if (event === 'supervision.failed') events.tell('escalated', { conv: String(conversation) })
      log.error(fields, message)
    }
  }
}
