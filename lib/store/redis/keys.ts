import { PARTITIONS, partitionOf } from '../identity.ts'
import { SLOT_TAGS } from './slot-tags.ts'

/** The keys of one conversation and of the indexes of its partition: all in one slot. */
export interface ConversationKeys {
  /** Hash: the conversation. */
  readonly state: string
  /** List: its history, one row a version. */
  readonly history: string
  /** List: its parked rows, normally absent. */
  readonly parked: string
  /** The indexes of the partition. */
  readonly partition: PartitionKeys
}

export interface PartitionKeys {
  /** Sorted set: when to wake whom. */
  readonly due: string
  /** Sorted set: minute of the last activity. */
  readonly index: string
  /** Sorted set: who has parked rows, by the minute of the last. */
  readonly parked: string
  /** Sorted set: who is held, by minute. */
  readonly held: string
}

/** The keys of one namespace. */
export interface RedisKeys {
  readonly layout: string
  /** Hash: the rows of the processes. */
  readonly processes: string
  readonly partitions: readonly PartitionKeys[]
  conversation(id: string): ConversationKeys
}

/** Names every key; no other file spells one. */
export function redisKeys(namespace: string): RedisKeys {
  const roots = Array.from(
    { length: PARTITIONS },
    (_, at) => `chp:${namespace}:{${SLOT_TAGS[at]}}:`
  )
  const partitions = roots.map(root => ({
    due: `${root}due`,
    index: `${root}index`,
    parked: `${root}parked`,
    held: `${root}held`
  }))
  return {
    layout: `chp:${namespace}:layout`,
    processes: `${roots[0]}processes`,
    partitions,
    conversation: id => {
      const at = partitionOf(id)
      const own = `${roots[at]}${id}:`
      return {
        state: `${own}s`,
        history: `${own}h`,
        parked: `${own}x`,
        partition: partitions[at]!
      }
    }
  }
}
