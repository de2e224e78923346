import { seededRandom } from '../../lib/kernel/random.ts'
import type { ConversationStore, Fence } from '../../lib/store/conversation-store.ts'
import type { AskedHold } from '../../lib/store/reply-hold.ts'

const HOUR_MS = 3_600_000

interface Held {
  readonly name: 'holdReplies'
  readonly at: (store: ConversationStore) => ReturnType<ConversationStore['holdReplies']>
}

interface Talk {
  readonly id: string
  readonly memories: readonly { readonly model: Fence | null }[]
}

/**
 * Draws, now and then, that somebody asks for a hold on replies; null else. It has a stream of its
 * own: all other calls of a walk are the same without it.
 */
export function drawnHolds(seed: number): (talks: readonly Talk[]) => Held | null {
  const random = seededRandom(seed + 1_000_003)
  const below = (limit: number): number => Math.floor(random.fraction() * limit)
  return talks => {
    if (random.fraction() > 0.06) return null
    const { id, memories } = talks[below(talks.length)]!
    const epoch = memories[below(memories.length)]?.model?.epoch ?? 'nobody'
    const by = ['a', 'b', 'c'][below(3)]!
    const asked: AskedHold = { by, ms: (20 + below(80)) * HOUR_MS, over: ['a', 'b'][below(4)] }
    return { name: 'holdReplies', at: async store => store.holdReplies(id, epoch, asked) }
  }
}
