import * as E from 'fp-ts/lib/Either.js'
import type { StoreStats } from '../conversation-store.ts'
import type { Answer, Deployment } from './deployment.ts'
import type { PartitionKeys, RedisKeys } from './keys.ts'
import type { Command } from './link.ts'
import type { Partly } from './partly.ts'
import { time } from './scripts/time.ts'

/** Counts over all partitions that answer: one write a master, constant time a key. */
export async function stats(
  deployment: Deployment,
  { partitions }: RedisKeys,
  partly: Partly
): Promise<StoreStats> {
  const nowMs = await time(deployment.run)
  const shares = deployment.shares(partitions.map(({ due }) => due))
  const counts = await partly.some(
    shares.map(async ({ master, at }) => {
      const asked = at.flatMap(place => questions(partitions[place]!, nowMs))
      return total(await master.batch(asked))
    })
  )
  const [conversations = 0, due = 0, overdue = 0, parked = 0, held = 0] = [0, 1, 2, 3, 4].map(
    column => counts.reduce((sum, count) => sum + (count[column] ?? 0), 0)
  )
  return { conversations, due, overdue, parked, held }
}

const COLUMNS = 5

function questions({ due, index, parked, held }: PartitionKeys, nowMs: number): readonly Command[] {
  return [
    ['zcard', index],
    ['zcard', due],
    ['zcount', due, '-inf', nowMs],
    ['zcard', parked],
    ['zcard', held]
  ]
}

function total(answers: readonly Answer[]): readonly number[] {
  const sums = Array.from({ length: COLUMNS }, () => 0)
  for (const [at, answer] of answers.entries()) {
    if (E.isLeft(answer)) throw answer.left
    sums[at % COLUMNS]! += Number(answer.right)
  }
  return sums
}
