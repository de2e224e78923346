import type { ListName } from '../../conversation-store.ts'
import type { PartitionKeys } from '../keys.ts'
import { type RunScript, script } from './script.ts'

/** Where a conversation stands in a list. */
export interface Position {
  readonly minute: number
  readonly id: string
}

export const listScript = script('list')

/** A page of one partition, the newest first. */
export function list(
  run: RunScript,
  key: PartitionKeys[ListName],
  after: Position | null,
  limit: number
): Promise<readonly Position[]> {
  const args = [1, key, after?.minute ?? '', after?.id ?? '', limit]
  return run(listScript, args, (reply: readonly string[]) =>
    Array.from({ length: reply.length / 2 }, (_, at) => ({
      id: reply[2 * at]!,
      minute: Number(reply[2 * at + 1])
    }))
  )
}
