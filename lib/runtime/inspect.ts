import type { Address } from '../conversation/address.ts'
import type { Program } from '../conversation/program.ts'
import type { Call, ConversationRecord, Held } from '../conversation/record.ts'
import { optionsOf, type Reply } from '../conversation/reply.ts'
import { fail } from '../kernel/failure.ts'
import type { ConversationStore } from '../store/conversation-store.ts'
import type { KeyRing } from '../store/seal.ts'
import { type Memory, memoryOf } from './memory.ts'
import type { Parts } from './parts.ts'
import type { Recovery } from './recovery/standing.ts'

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
  /** `unresolved`: it may have been done; its confirm is open again, or its flow has left it. */
  readonly calls: readonly Pick<Call, 'name' | 'attached' | 'unresolved'>[]
  /** Replies the channel has not taken yet. */
  readonly undelivered: readonly { readonly kind: Reply['kind']; readonly options: number }[]
  readonly waiting: number
  /** Set when the stored record is damaged: what is shown is what the next event restores. */
  readonly recovery?: Pick<Recovery, 'rung' | 'notes'>
  /** Set while an operator holds it. */
  readonly held?: Held
  readonly initializedAt: number
  readonly updatedAt: number
  readonly updatedBy: { readonly kind: string; readonly id: string }
}

/** What one looks with. Not through the event log: the conversation itself learns nothing of it. */
export interface Lens {
  readonly program: Program
  readonly store: ConversationStore
  readonly ring: KeyRing
}

export function lensOf(parts: Pick<Parts, 'program' | 'gate' | 'ring'> | undefined): Lens {
  if (parts === undefined) return fail('CHP_NOT_STARTED', 'inspect() needs a started runtime.')
  const { program, gate, ring } = parts
  return { program, store: gate.store, ring }
}

/**
 * Reads a conversation without touching it; null when nothing is stored.
 *
 * Of a damaged record it shows what the next event would restore. Fails with `CHP_RECORD_FUTURE`
 * or `CHP_SEAL_KEY_UNKNOWN` when only another build or key can read it.
 */
export async function inspect(
  { program, store, ring }: Lens,
  conversation: string,
  address: Address = NOBODY
): Promise<Inspection | null> {
  const loaded = await store.load(conversation)
  if (loaded.aliasOf !== null) return inspect({ program, store, ring }, loaded.aliasOf)
  const known = { conversation, address: address === NOBODY ? null : address }
  const memory = await memoryOf({ program, ring }, known, loaded, {
    older: () => store.recoverable(conversation),
    parked: () => store.parked(conversation)
  })
  const { fence, calls, inbox, undelivered, recovery, blocked } = memory
  if (blocked !== null) return fail(blocked.failure.code, blocked.failure.detail)
  const record = memory.record ?? begunAnew(program, memory, address, loaded.nowMs)
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
      .map(({ name, attached, unresolved }) => ({
        name,
        attached,
        ...(unresolved === undefined ? {} : { unresolved })
      })),
    undelivered: undelivered.map(({ reply }) => ({
      kind: reply.kind,
      options: optionsOf(reply).length
    })),
    waiting: inbox.length,
    ...(recovery === null ? {} : { recovery: { rung: recovery.rung, notes: recovery.notes } }),
    ...meta
  }
}

const NOBODY: Address = { channel: '', account: '', user: '' }

/** What the next message begins with when not even a core is left; null for no conversation. */
function begunAnew(
  program: Program,
  { fence, recovery }: Memory,
  address: Address,
  nowMs: number
): ConversationRecord | null {
  if (fence === null || recovery === null) return null
  const { epoch, version } = fence
  const commit = { epoch, version: version + 1, nonce: 'inspect' }
  return { ...program.initial(address, { nowMs, seed: 0, commit }), calls: recovery.calls }
}
