import { type FailureCode, fail } from '../kernel/failure.ts'
import { type Desk, type Refusal, refusal } from './desk.ts'

/** Who commands, and why; `id` is obeyed once. */
export interface Signature {
  readonly by: string
  readonly reason: string
  readonly id: string
}

/** How a command ended that changes one conversation. */
export type Obeyed =
  | { readonly tag: 'committed'; readonly version: number }
  /** A command of this id was obeyed before; nothing was changed. */
  | { readonly tag: 'duplicate'; readonly conversation: string }
  /** The store was not reached: ask again, with the same id. */
  | { readonly tag: 'shed'; readonly reason: string; readonly retryAfterMs: number }
  | Refusal

/** The longest texts of a signature, in characters. */
export const MOST = { by: 200, reason: 500, id: 512 } as const

/** The signature with an id of its own where it has none; a misfit text is refused by name. */
export function signature(
  { random }: Desk,
  { command, needs }: { readonly command: string; readonly needs: string },
  { by, reason, id }: Omit<Signature, 'id'> & { readonly id?: string }
): Signature {
  const fresh = (): string => `${command}-${Buffer.from(random.bytes(12)).toString('base64url')}`
  const signed = { by, reason, id: id ?? fresh() }
  for (const what of ['by', 'reason', 'id'] as const) {
    const text: unknown = signed[what]
    if (typeof text === 'string' && text.length > 0 && text.length <= MOST[what]) continue
    fail('CHP_INPUT_INVALID', `${needs} ${what}: 1 to ${MOST[what]} characters.`)
  }
  return signed
}

/** Has a conversation take a command; `code` and `parked` say what a refusal is called. */
export async function obeyed(
  { command }: Desk,
  conversation: string,
  event: Parameters<Desk['command']>[1],
  { code, parked }: { readonly code: FailureCode; readonly parked: string }
): Promise<Obeyed> {
  const receipt = await command(conversation, event)
  switch (receipt.tag) {
    case 'committed':
      return { tag: 'committed', version: receipt.version }
    case 'duplicate':
      return { tag: 'duplicate', conversation }
    case 'shed':
      // Not even a core can be read: there is nobody whom it could concern.
      return receipt.reason === 'address unknown'
        ? refusal(code, 'No core can be read; its member must write first.')
        : receipt
    case 'ignored':
      return refusal(code, receipt.why)
    default:
      return refusal(code, parked)
  }
}
