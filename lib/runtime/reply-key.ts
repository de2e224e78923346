import type { Undelivered } from './memory.ts'

/**
 * The key that a reply is offered under: stable over repeats and restarts, and never that of
 * another reply. One that was parked and is owed again keeps the key it had.
 *
 * A store that rolled back gives a number a second time: the time of the commit and the process
 * that made it tell its replies apart.
 */
export function replyKey(
  conversation: string,
  epoch: string,
  { sequence, at, by, key }: Pick<Undelivered, 'sequence' | 'at' | 'by' | 'key'>
): string {
  if (key !== undefined) return key
  const process = by.slice(by.lastIndexOf('/') + 1)
  return `${conversation}.${epoch}.${sequence}.${at.toString(36)}-${process}`
}
