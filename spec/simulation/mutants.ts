import { LATER_MUTANTS } from './later-mutants.ts'

/** A bug of the protocol that a checker must find: one place of one source, written otherwise. */
export interface Mutant {
  readonly name: string
  readonly file: string
  /** Stands exactly once in the file. */
  readonly find: string
  readonly replace: string
}

/**
 * Planted into a copy of the compiled sources by `make mutants`; nothing of it is in `lib/`.
 *
 * Bugs of the store's half of the protocol are planted in the model, which every store is compared
 * with; those of the runtime's half in the runtime itself. Not here: a store that does not know its
 * own head again. A repeat is then a duplicate or a conflict, which the runtime takes as well.
 */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'no dedupe',
    file: 'lib/testing/memory-store.ts',
    find: 'if (kept !== undefined && isSeen(kept.window, commit.fingerprint)) return',
    replace: 'if (kept?.version === -1) return'
  },
  {
    name: 'no compare and set',
    file: 'lib/testing/memory-store.ts',
    find: 'if (foreign !== null) return foreign',
    replace:
      "if (foreign !== null && (foreign.tag === 'gone' || kept === undefined)) return foreign"
  },
  {
    name: 'fence without head',
    file: 'lib/testing/kept-conversation.ts',
    find: 'parent.version === kept.version && parent.head === kept.head',
    replace: 'parent.version === kept.version'
  },
  {
    name: 'dedupe after version',
    file: 'lib/testing/memory-store.ts',
    find: `const foreign = foreignParent(kept, commit.parent)
    if (foreign !== null) return foreign`,
    replace: `const foreign = foreignParent(kept, commit.parent)
    if (foreign !== null) return foreign
    if (kept !== undefined) kept.window.clear()`
  },
  {
    name: 'a late copy lands behind a newer commit',
    file: 'lib/testing/memory-store.ts',
    find: 'const foreign = foreignParent(kept, commit.parent)',
    replace:
      'const foreign = commit.fingerprint === null ? null : foreignParent(kept, commit.parent)'
  },
  {
    name: 'acknowledge before commit',
    file: 'lib/runtime/turn.ts',
    find: 'const outcome = await parts.gate.patiently(cell.id, deadlineMs, commit)',
    replace: `const { fence, undelivered, acknowledgedThrough } = memory
  const landing = parts.gate.patiently(cell.id, deadlineMs, commit)
  if (fence !== null) void landing.catch(() => undefined)
  const outcome: CommitOutcome = fence === null ? await landing : {
    tag: 'committed',
    fence: { ...fence, version: fence.version + 1, head: ready.commit.head },
    firstSequence: (undelivered.at(-1)?.sequence ?? acknowledgedThrough) + 1,
    dueMs: null
  }`
  },
  {
    name: 'send before commit',
    file: 'lib/runtime/turn.ts',
    find: 'const outcome = await parts.gate.patiently(cell.id, deadlineMs, commit)',
    replace: `const last = memory.undelivered.at(-1)?.sequence ?? 0
  const first = 1 + Math.max(memory.acknowledgedThrough, last)
  const early = ready.replies.map(({ at, reply }, index) => {
    const [, nonce = ''] = parts.process.split('/')
    const last = [at.toString(36), nonce].join('-')
    const key = [cell.id, naming.epoch, first + index, last].join('.')
    return { epoch: naming.epoch, sequence: first + index, key, reply }
  })
  parts.outbox.deliver(cell.id, address, early)
  const outcome = await parts.gate.patiently(cell.id, deadlineMs, commit)`
  },
  {
    name: 'unknown taken for done',
    file: 'lib/runtime/gate/store-gate.ts',
    find: 'if (isAnswered) throw error',
    replace: `if (String(call).includes('parts.store.commit(')) return { tag: 'duplicate' } as T
        if (isAnswered) throw error`
  },
  {
    name: 'unknown repeated under a new head',
    file: 'lib/runtime/turn.ts',
    find: 'parts.store.commit(cell.id, ready.commit)',
    replace: `(async () => {
      const { fence } = await parts.store.load(cell.id)
      return parts.store.commit(cell.id, { ...ready.commit, parent: fence, head: parts.nextHead() })
    })()`
  },
  {
    name: 'conflict dropped',
    file: 'lib/runtime/turn.ts',
    find: `      if ('version' in outcome && isRollback(memory, outcome)) rolledBack(parts, cell)
      cell.memory = null
      return 'conflict'`,
    replace: `      cell.memory = null
      return { tag: 'duplicate', replies: [] }`
  },
  {
    name: 'conflict decided again on old memory',
    file: 'lib/runtime/turn.ts',
    find: 'const memory = await remember(parts, cell, deadlineMs)',
    replace: `const fresh = await remember(parts, cell, deadlineMs)
    const stale = (cell as { stale?: Memory }).stale
    const memory = conflicts > 0 && stale?.record ? { ...fresh, record: stale.record } : fresh
    Object.assign(cell, { stale: fresh })`
  },
  {
    name: 'rollback not noticed',
    file: 'lib/runtime/turn.ts',
    find: 'if (isHere && (isTorn(loaded) || isBehind(cell, loaded))) rolledBack(parts, cell)',
    replace: ''
  },
  {
    name: 'mark before send',
    file: 'lib/outbox/outbox.ts',
    find: 'const sent = await this.#send(lane, row)',
    replace: `this.#parts.acknowledged(lane.conversation, row.epoch, row)
    const sent = await this.#send(lane, row)`
  },
  {
    name: 'a failed send counts as sent',
    file: 'lib/outbox/outbox.ts',
    find: "if (sent.tag === 'later') {",
    replace: "if (sent.tag === 'later' && sent.afterMs > 1e9) {"
  },
  {
    name: 'replies sent side by side',
    file: 'lib/outbox/outbox.ts',
    find: 'else this.#begin(room, lane, row)',
    replace: `else {
        const last = lane.rows.at(-1)
        if (last !== undefined && last !== row) void this.#send(lane, last)
        this.#begin(room, lane, row)
      }`
  },
  {
    name: 'acknowledge replies by count',
    file: 'lib/testing/kept-conversation.ts',
    find: 'kept.undelivered = kept.undelivered.filter(({ sequence }) => sequence > through)',
    replace: 'kept.undelivered = kept.undelivered.slice(throughSequence)'
  },
  {
    name: 'replies held by whoever asks',
    file: 'lib/store/reply-hold.ts',
    find: 'const isOver = kept === null || ',
    replace: 'const isOver = true || kept === null || '
  },
  {
    name: 'own replies are sent without a hold for ever',
    file: 'lib/outbox/reply-leases.ts',
    find: 'return row.ownUntilMs > this.#parts.clock.monotonicMs()',
    replace: 'return row.ownUntilMs > Number.NEGATIVE_INFINITY'
  },
  {
    name: 'no sweep',
    file: 'lib/timers/sweeper.ts',
    find: 'return room > 0 ? store.claimDue(room, leaseMs) : []',
    replace: 'return []'
  },
  {
    name: 'due index not lowered',
    file: 'lib/testing/kept-conversation.ts',
    find: 'if (dueMs === null || (kept.dueMs !== null && kept.dueMs <= dueMs)) return',
    replace: 'if (dueMs === null || kept.dueMs !== null) return'
  },
  {
    name: 'a claim forgets what it claimed',
    file: 'lib/testing/memory-store.ts',
    find: 'for (const id of due) this.#kept.get(id)!.wakeMs = nowMs + leaseMs',
    replace: 'for (const id of due) this.#kept.get(id)!.wakeMs = null'
  },
  {
    name: 'inbox row taken in a commit of its own',
    file: 'lib/runtime/commit-of.ts',
    find: 'take: plan.taken,',
    replace: 'take: plan.taken === 0 ? 0 : plan.taken + 1,'
  },
  {
    name: 'inbox row left in the inbox',
    file: 'lib/runtime/commit-of.ts',
    find: 'take: plan.taken,',
    replace: 'take: 0,'
  },
  {
    name: 'restore the record with an open call',
    file: 'lib/runtime/commit-of.ts',
    find: 'const closeCalls = closed(plan.before, record)',
    replace: 'const closeCalls: string[] = []'
  },
  {
    name: 'a call under a new key after a crash',
    file: 'lib/runtime/call-leases.ts',
    find: 'parts.calls.start({ conversation: cell.id, key, name, input, core, resumed, left })',
    replace: `const other = key.split('').toReversed().join('')
    parts.calls.start({ conversation: cell.id, key: other, name, input, core, resumed, left })`
  },
  {
    name: 'a settled call made again',
    file: 'lib/calls/drive.ts',
    find: "if (ended.tag === 'answered') return settled(job, ended, attempt, course.renewed)",
    replace: `if (ended.tag === 'answered') {
      const again = { token: course.token, attempt: 1, stop, what: 'run' } as const
      void backedOff(parts, 6, stop).then(() => attempted(parts, definition, job, again))
      return settled(job, ended, attempt, course.renewed)
    }`
  },
  {
    name: 'a call made before its intent is stored',
    file: 'lib/runtime/turn.ts',
    find: 'const outcome = await parts.gate.patiently(cell.id, deadlineMs, commit)',
    replace: `if (ready.opened !== null) {
    const { call: { key, name }, intent: { input } } = ready.opened
    const { core } = ready.record
    parts.calls.start({ conversation: cell.id, key, name, input, core, resumed: false })
  }
  const outcome = await parts.gate.patiently(cell.id, deadlineMs, commit)`
  },
  {
    name: 'a timer fires early',
    file: 'lib/runtime/wake.ts',
    find: 'if (dueMs > parts.time.nowMs()) continue',
    replace: 'if (dueMs > parts.time.nowMs() + 60_000) continue'
  },
  {
    name: 'a cancelled timer fires',
    file: 'lib/runtime/plan.ts',
    find: 'return timers.some(({ id, dueMs }) => id === event.timer && dueMs === event.dueMs)',
    replace: 'return timers !== null'
  },
  {
    name: 'a timer by the wall clock',
    file: 'lib/runtime/store-time.ts',
    find: 'return Math.floor(this.#storeMs + (this.#clock.monotonicMs() - this.#readAtMs))',
    replace: 'return Math.max(Math.floor(this.#storeMs), this.#clock.nowMs())'
  },
  {
    name: 'a poison message is thrown away',
    file: 'lib/runtime/supervise.ts',
    find: 'if (!isAgain) return\n',
    replace: `if (!isAgain) {
    if (cell.mailbox.settle(envelope)) envelope.settle({ tag: 'parked' })
    return
  }
`
  },
  {
    name: 'shed after the acknowledgement',
    file: 'lib/runtime/take-head.ts',
    find: "return { tag: 'shed', reason: code, retryAfterMs: away?.retryAfterMs ?? 1_000 }",
    replace: "return { tag: 'deferred' }"
  },
  {
    name: 'arrivals pass what waits',
    file: 'lib/runtime/waiting.ts',
    find: 'if (record !== null) return isFree(record)',
    replace: 'if (record !== null) return memory.inbox.length !== 1 && isFree(record)'
  },
  ...LATER_MUTANTS
]
