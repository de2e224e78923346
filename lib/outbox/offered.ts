import type { Channel, Outgoing, Sent } from '../channel/channel.ts'

/** One offer to a channel; whatever it throws or rejects with is a reply that waits. */
export async function offered(
  channel: Channel,
  outgoing: Outgoing,
  signal: AbortSignal
): Promise<Sent> {
  try {
    return await channel.send(outgoing, signal)
  } catch (error) {
    return later(`send failed: ${error instanceof Error ? error.name : 'thrown value'}`)
  }
}

export function later(why: string): Sent {
  return { tag: 'later', afterMs: 0, why }
}
