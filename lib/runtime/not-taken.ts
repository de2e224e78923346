import type { Receipt } from '../channel/channel.ts'
import { fail } from '../kernel/failure.ts'

/** What somebody is told who comes before the start or after the stop. */
export function untaken(reason: string): Promise<Receipt> {
  return Promise.resolve({ tag: 'shed', reason, retryAfterMs: 1_000 })
}

/** The rejection of what no redelivery would make better. */
export function refused(detail: string): Promise<never> {
  return Promise.resolve().then(() => fail('CHP_INPUT_INVALID', detail))
}

export const ID_CHARACTERS_MOST = 512

/** True for an id that JavaScript may have handed in as well. */
export function isName(id: unknown): boolean {
  return typeof id === 'string' && id.length > 0 && id.length <= ID_CHARACTERS_MOST
}
