import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../../../lib/kernel/clock.ts'
import { lmdbStore } from '../../../lib/lmdb.ts'
import type { ConversationStore } from '../../../lib/store/conversation-store.ts'

/** Where the conversations of one case are kept; it outlives the processes of the case. */
export interface StoreHome {
  /** A handle of its own, as a new process opens it. */
  open(clock: Clock): ConversationStore
  /** Removes everything. */
  remove(): Promise<void>
}

/** Makes a home for one case. */
export type StoreKind = () => Promise<StoreHome>

/** The embedded store in a directory of its own. */
export const lmdbHome: StoreKind = async () => {
  const path = await mkdtemp(join(tmpdir(), 'chaperone-transcript-'))
  return {
    open: clock => lmdbStore({ path, clock }),
    remove: () => rm(path, { recursive: true, force: true })
  }
}
