import type { Program } from '../conversation/program.ts'
import { optionsOf, type Reply } from '../conversation/reply.ts'
import type { ConversationStore } from '../store/conversation-store.ts'
import type { KeyRing } from '../store/seal.ts'
import { memoryOf } from './memory.ts'

/** A conversation as the store holds it, for a person; secrets are redacted. */
export interface Inspection {
  readonly conversation: string
  readonly version: number
  readonly stage: string
  readonly flow: string
  readonly step: string
  readonly data: Readonly<Record<string, unknown>>
  readonly prompt: { readonly instance: string; readonly options: readonly string[] } | null
  readonly validation: { readonly attempts: number; readonly error: string | null }
  readonly core: unknown
  readonly calls: readonly { readonly name: string; readonly attached: boolean }[]
  /** Replies the channel has not taken yet. */
  readonly undelivered: readonly { readonly kind: Reply['kind']; readonly options: number }[]
  readonly waiting: number
  readonly initializedAt: number
  readonly updatedAt: number
  readonly updatedBy: { readonly kind: string; readonly id: string }
}

/**
 * Reads a conversation without touching it; null when nothing is stored.
 *
 * Fails with `CHP_RECORD_CORRUPT` or `CHP_RECORD_FUTURE` when the record cannot be read.
 */
export async function inspect(
  { program, store, ring }: { program: Program; store: ConversationStore; ring: KeyRing },
  conversation: string
): Promise<Inspection | null> {
  const { fence, record, calls, inbox, undelivered } = memoryOf(
    program,
    ring,
    conversation,
    await store.load(conversation)
  )
  if (fence === null || record === null) return null
  const { flow, core, meta } = record
  return {
    conversation,
    version: fence.version,
    ...program.place(record),
    data: flow.data,
    prompt: flow.prompt,
    validation: { attempts: flow.validation.attempts, error: flow.validation.error },
    // A round trip through JSON prints every secret as redacted and drops what is no data.
    core: JSON.parse(JSON.stringify(core)),
    calls: record.calls
      .filter(call => calls.some(({ key }) => key === call.key))
      .map(({ name, attached }) => ({ name, attached })),
    undelivered: undelivered.map(({ reply }) => ({
      kind: reply.kind,
      options: optionsOf(reply).length
    })),
    waiting: inbox.length,
    ...meta
  }
}
