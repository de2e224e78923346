import type { Decision } from '../../conversation/decision.ts'
import type { Delivery, Prompt } from '../../conversation/record.ts'
import type { DeliveryUpdate } from '../../conversation/turn-event.ts'
import { enterStep, perform } from './perform.ts'
import { committed, setFlow, type Turn } from './turn.ts'

/** What is known of a message never falls back, however late and often its statuses come. */
const RANKS = { sent: 1, failed: 2, delivered: 3, read: 4 } as const
/** Messages remembered of one prompt; then the oldest goes. */
const DELIVERIES_MOST = 8

/**
 * Takes what became of a message: where the flow asks for it, one that never arrived leads to the
 * step that the flow names, while its prompt is the open one.
 *
 * The word that the provider took it says which prompt it bears; a failure may come before that.
 */
export function delivered(turn: Turn, event: DeliveryUpdate): Decision {
  const { prompt } = turn.flow
  const target = targetOf(turn)
  if (prompt === null || target === null) return ignored('nothing to decide')
  const isOurs = event.prompt === prompt.instance
  if (event.prompt !== null && !isOurs) return ignored('its prompt is no longer open')
  const known = prompt.deliveries?.find(({ id }) => id === event.providerId)
  // Of a message nobody knows only a failure is worth a commit: its own word may come later.
  if (known === undefined && !isOurs && event.status !== 'failed') return ignored('not ours')
  const next: Delivery = {
    id: event.providerId,
    rank: Math.max(known?.rank ?? 0, RANKS[event.status]),
    ours: isOurs || known?.ours === true
  }
  if (next.rank === known?.rank && next.ours === known.ours) return ignored('known already')
  const deliveries = [...othersOf(prompt, next), next].slice(-DELIVERIES_MOST)
  setFlow(turn, { ...turn.flow, prompt: Object.freeze({ ...prompt, deliveries }) })
  if (next.ours && next.rank === RANKS.failed) perform(turn, enterStep(turn, target))
  return committed(turn)
}

function targetOf({ build, flow, calls }: Turn): string | null {
  // The member has answered when a call runs: whether they were asked is of no interest any more.
  if (calls.some(({ attached }) => attached)) return null
  const { undelivered = null } = build.flows.get(flow.flow) ?? {}
  return undelivered
}

function othersOf({ deliveries = [] }: Prompt, { id }: Delivery): readonly Delivery[] {
  return deliveries.filter(other => other.id !== id)
}

function ignored(why: string): Decision {
  return { tag: 'ignore', why }
}
