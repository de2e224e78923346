// A process of its own that serves an embedded store, call by call, at the time it is told:
// lmdb-remote <path> <namespace>
import type { Clock } from '../../lib/kernel/clock.ts'
import type { ConversationStore } from '../../lib/store/conversation-store.ts'
import { lmdbStore } from '../../lib/store/lmdb/lmdb-store.ts'

/** A call of a store, as it crosses to another process. */
export interface RemoteCall {
  readonly number: number
  readonly nowMs: number
  readonly name: keyof ConversationStore
  readonly args: readonly unknown[]
}

/** What became of it. */
export type RemoteAnswer =
  | { readonly number: number; readonly outcome: unknown }
  | { readonly number: number; readonly failed: string }

const [path = '', namespace = 'main'] = process.argv.slice(2)
let nowMs = 0
const clock: Clock = { nowMs: () => nowMs, monotonicMs: () => nowMs, after: () => () => undefined }
const store = lmdbStore({ path, namespace, clock })
await store.open({ idKey: new Uint8Array(32), sealKey: new Uint8Array(32) })
process.on('message', (call: RemoteCall) => void answer(call))
process.once('disconnect', () => process.exit(0))

async function answer({ number, nowMs: at, name, args }: RemoteCall): Promise<void> {
  nowMs = at
  try {
    const method = Reflect.get(store, name) as (...given: unknown[]) => Promise<unknown>
    say({ number, outcome: await method.apply(store, [...args]) })
  } catch (error) {
    say({ number, failed: String(error) })
  }
}

function say(said: RemoteAnswer): void {
  process.send?.(said)
}
