import type { Commit, ConversationStore, Loaded } from '../lib/store/conversation-store.ts'
import { redisKeys } from '../lib/store/redis/keys.ts'
import { commit } from '../lib/store/redis/scripts/commit.ts'
import type { RunScript } from '../lib/store/redis/scripts/script.ts'

/** A store that keeps nothing: what is left is what a turn costs this process, without a client. */
export interface NullStore extends ConversationStore {
  /** Every commit it was asked for, in order, while it is set to an array. */
  seen: Commit[] | null
}

const keys = redisKeys('main')
const SECRETS = { idKey: new Uint8Array(32), sealKey: new Uint8Array(32) }
const NOTHING: Loaded = {
  fence: null,
  record: null,
  effectAt: 0,
  calls: [],
  inbox: [],
  undelivered: [],
  acknowledgedThrough: 0,
  dueMs: null,
  newestHead: null,
  aliasOf: null,
  nowMs: 1_732_100_000_000
}

const NO_MORE = {
  slots: [],
  history: [],
  parked: [],
  aliases: [],
  wakeMs: null,
  listed: { index: null, parked: null, held: null },
  seen: [],
  rest: {}
}

/** Says `committed` to the arguments of any commit, as the server would. */
export const answered = (async (_script, _args, read) =>
  read(COMMITTED as never, NO_LINK)) as RunScript
const COMMITTED = ['committed', '']
const NO_LINK = null as never

export function nullStore(): NullStore {
  const store: NullStore = {
    name: 'null',
    seen: null,
    open: async () => ({ secrets: SECRETS, durability: 'none', warnings: [] }),
    close: async () => undefined,
    time: async () => NOTHING.nowMs,
    load: async () => NOTHING,
    commit: async (id, step) => {
      store.seen?.push(step)
      return commit(answered, keys.conversation(id), id, step)
    },
    defer: async () => ({ tag: 'gone' }),
    acknowledged: async () => 'done',
    holdReplies: async () => ({ tag: 'gone' }),
    claimDue: async () => [],
    claimOwn: async () => [],
    settleDue: async () => 'done',
    erase: async () => 'erased',
    recoverable: async () => ({ slots: [], history: [] }),
    history: async () => [],
    list: async () => ({ ids: [], cursor: null }),
    parked: async () => [],
    parkedList: async () => ({ ids: [], cursor: null }),
    heldList: async () => ({ ids: [], cursor: null }),
    setAlias: async () => 'gone',
    removeAlias: async () => 'gone',
    export: async () => ({ ...NOTHING, ...NO_MORE }),
    rewrite: async () => 'conflict',
    stats: async () => ({ conversations: 0, due: 0, overdue: 0, parked: 0, held: 0 })
  }
  return store
}
