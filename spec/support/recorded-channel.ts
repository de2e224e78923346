import type { Channel, ChannelHost, Outgoing, Sent } from '../../lib/channel/channel.ts'
import type { Reply } from '../../lib/conversation/reply.ts'
import type { Clock } from '../../lib/kernel/clock.ts'
import type { ConversationStore } from '../../lib/store/conversation-store.ts'

/** One offer of a reply, as the channel saw it. */
export interface Offer {
  readonly by: string
  readonly conversation: string
  readonly key: string
  readonly sequence: number
  readonly text: string
  readonly atMs: number
  /** What the store held when the offer came. */
  readonly storedVersion: number
  /** Offers of the same conversation that were under way at that moment. */
  readonly besides: number
  ended: Sent['tag'] | 'threw' | null
}

/** What the channel shall answer: default `sent`. */
type Answer = (outgoing: Outgoing, signal: AbortSignal) => Sent | Promise<Sent>

export interface RecordedChannel extends Channel<ChannelHost> {
  readonly offers: Offer[]
  /** The texts of the offers that ended as `sent`, in order. */
  texts(): string[]
  answer: Answer
  unfit(reply: Reply): string | null
}

export const SENT: Sent = { tag: 'sent', providerId: null }

/** A channel that writes down every offer, together with what the store held at that moment. */
export function recordedChannel({
  name = 'chan',
  by = 'one',
  store,
  clock,
  offers = []
}: {
  readonly name?: string
  readonly by?: string
  readonly store: Pick<ConversationStore, 'load'>
  readonly clock: Clock
  readonly offers?: Offer[]
}): RecordedChannel {
  const channel: RecordedChannel = {
    name,
    sendTimeoutMs: 1_000,
    offers,
    answer: () => SENT,
    texts: () => offers.filter(({ ended }) => ended === 'sent').map(({ text }) => text),
    unfit: reply => (reply.kind === 'text' && reply.text === 'unfit' ? 'the text is unfit' : null),
    mount: host => host,
    send: async (outgoing, signal) => {
      const [conversation = '', , sequence] = outgoing.key.split('.')
      const { fence } = await store.load(conversation)
      const under = offers.filter(
        offer => offer.by === by && offer.conversation === conversation && offer.ended === null
      )
      const offer: Offer = {
        by,
        conversation,
        key: outgoing.key,
        sequence: Number(sequence),
        text: outgoing.reply.kind === 'text' ? outgoing.reply.text : outgoing.reply.kind,
        atMs: clock.nowMs(),
        storedVersion: fence?.version ?? 0,
        besides: under.length,
        ended: null
      }
      offers.push(offer)
      try {
        const sent = await channel.answer(outgoing, signal)
        offer.ended = sent.tag
        return sent
      } catch (error) {
        offer.ended = 'threw'
        throw error
      }
    }
  }
  return channel
}
