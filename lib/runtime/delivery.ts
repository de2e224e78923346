import type { HeardStatus, Sent } from '../channel/channel.ts'
import type { DeliveryUpdate } from '../conversation/turn-event.ts'
import type { Queued } from '../outbox/lane.ts'

/** The event that the end of an offer is, for a reply that somebody asks about. */
export function deliveryOf(
  { key, prompt: asked }: Queued,
  sent: Exclude<Sent, { tag: 'later' }>
): DeliveryUpdate {
  const prompt = asked ?? null
  const isSent = sent.tag === 'sent'
  const providerId = isSent ? (sent.providerId ?? key) : key
  const status = isSent ? 'sent' : 'failed'
  const id = `${key}.${status}`
  return { kind: 'DeliveryUpdate', id, providerId, status, code: null, prompt }
}

/** The event that a status of the provider is. */
export function statusEventOf({ providerId, status, code }: HeardStatus): DeliveryUpdate {
  const id = `${providerId}.${status}`
  return { kind: 'DeliveryUpdate', id, providerId, status, code, prompt: null }
}
