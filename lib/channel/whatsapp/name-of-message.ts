import { createHash } from 'node:crypto'

/**
 * What names a message in the log: `printf %s "$id" | sha256sum | cut -c1-12`.
 *
 * The id itself may not: the provider's ids hold the number of the member.
 */
export function nameOfMessage(id: string): string {
  return createHash('sha256').update(id).digest('hex').slice(0, 12)
}
