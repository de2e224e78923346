import type { Mutant } from './mutants.ts'

/** Bugs around leases, ids, keys, operators, damage and receipts; see `MUTANTS`. */
export const LATER_MUTANTS: readonly Mutant[] = [
  {
    name: 'a due time settled without the fence',
    file: 'lib/testing/memory-store.ts',
    find: "    if (foreignParent(kept, fence) !== null) return 'conflict'\n",
    replace: ''
  },
  {
    name: 'a deferral that raises no version',
    file: 'lib/testing/kept-conversation.ts',
    find: 'kept.version += 1\n  kept.head = deferral.head',
    replace: 'kept.head = deferral.head'
  },
  {
    name: 'ids forgotten after three seconds',
    file: 'lib/testing/memory-store.ts',
    find: 'isSeen(kept.window, commit.fingerprint)) return',
    replace: `isSeen(
      new Map([...kept.window].map(([at, ids]) => [
        at,
        ids.filter(({ second }) => second * 1000 > nowMs - 3_000)
      ])),
      commit.fingerprint
    )) return`
  },
  {
    name: 'ids forgotten after three versions',
    file: 'lib/testing/memory-store.ts',
    find: 'isSeen(kept.window, commit.fingerprint)) return',
    replace: `isSeen(
      new Map([...kept.window].map(([at, ids]) => [
        at,
        ids.filter(({ version }) => version >= kept.version - 3)
      ])),
      commit.fingerprint
    )) return`
  },
  {
    name: 'a redelivery answered from memory',
    file: 'lib/runtime/turn.ts',
    find: 'const memory = await remember(parts, cell, deadlineMs)',
    replace: `const taken = ((cell as { taken?: Set<string> }).taken ??= new Set<string>())
    const { id } = cause.event
    if (cause.event.kind === 'Inbound' && !cause.fromInbox && losses.inARow === 0) {
      if (taken.has(id)) return { tag: 'duplicate', replies: [] }
      taken.add(id)
    }
    const memory = await remember(parts, cell, deadlineMs)`
  },
  {
    name: 'refused replies acknowledged and not parked',
    file: 'lib/runtime/acknowledging.ts',
    find: 'parked: refusedAmong(cell, memory, through) }',
    replace: 'parked: refusedAmong(cell, memory, 0) }'
  },
  {
    name: 'a parked reply owed again under another key',
    file: 'lib/runtime/reply-key.ts',
    find: 'if (key !== undefined) return key\n',
    replace: ''
  },
  {
    name: 'a reply key by the clock of the moment',
    file: 'lib/runtime/landed.ts',
    find: 'key: replyKey(id, epoch, owing),',
    replace: 'key: replyKey(id, epoch, { ...owing, at: Math.max(owing.at, parts.time.nowMs()) }),'
  },
  {
    name: 'a call under another key after a login',
    file: 'lib/calls/drive.ts',
    find: 'course.token = login\n  return make()',
    replace: `course.token = login
  Object.assign(job, { key: job.key.split('').toReversed().join('') })
  return make()`
  },
  {
    name: 'a hold that lets messages through',
    file: 'lib/runtime/hold.ts',
    find: 'if (record === null || held === undefined || parked !== null) return null',
    replace: `if (record === null || held === undefined || parked !== null) return null
  if (event.kind === 'Inbound') return null`
  },
  {
    name: 'a hold that lets timers through',
    file: 'lib/runtime/hold.ts',
    find: "if (event.kind === 'TimerDue' && runsWhileHeld(held, event.timer)) return null",
    replace: "if (event.kind === 'TimerDue') return null"
  },
  {
    name: 'what waits for a hold is taken last first',
    file: 'lib/testing/kept-conversation.ts',
    find: 'kept.inbox.push({ why, row: asStored(row) })',
    replace: `if (why === 'hold') kept.inbox.unshift({ why, row: asStored(row) })
  else kept.inbox.push({ why, row: asStored(row) })`
  },
  {
    name: 'held, and on no list of the held',
    file: 'lib/testing/kept-conversation.ts',
    find: 'if (commit.held !== null) kept.heldMinute = commit.held ? kept.activeMinute : null',
    replace: 'if (commit.held === false) kept.heldMinute = null'
  },
  {
    name: 'an order obeyed twice',
    file: 'lib/runtime/commit-of.ts',
    find: 'return !fromInbox && isFromOutside(event) ? fingerprint(address, event.id) : null',
    replace: "return !fromInbox && event.kind === 'Inbound' ? fingerprint(address, event.id) : null"
  },
  {
    name: 'an operator goes back to the prompt of then',
    file: 'lib/flow/interpreter/restore.ts',
    find: 'open(turn, shownBy(turn, flow, prompt.step), { validation })',
    replace: 'setFlow(turn, { ...turn.flow, prompt })'
  },
  {
    name: 'an operator goes back across an effect',
    file: 'lib/runtime/roll-back.ts',
    find: 'if (effectAt <= version || acrossEffects) return null',
    replace: 'if (effectAt >= 0 || acrossEffects || version > 0) return null'
  },
  {
    name: 'an erase forgets the due index',
    file: 'lib/testing/memory-store.ts',
    find: 'const tombstone = fresh(tombstoneEpoch, kept.window)',
    replace: 'const tombstone = { ...fresh(tombstoneEpoch, kept.window), wakeMs: kept.wakeMs }'
  },
  {
    name: 'an erase forgets the aliases',
    file: 'lib/testing/memory-store.ts',
    find: 'for (const alias of kept.aliases) this.#uncover(alias)',
    replace: ''
  },
  {
    name: 'an erase leaves no ids behind',
    file: 'lib/testing/memory-store.ts',
    find: 'const tombstone = fresh(tombstoneEpoch, kept.window)',
    replace: 'const tombstone = fresh(tombstoneEpoch)'
  },
  {
    name: 'an erased conversation goes on under its old epoch',
    file: 'lib/testing/memory-store.ts',
    find: 'fresh(kept?.epoch ?? commit.epoch, kept?.window)',
    replace: "fresh(kept === undefined ? commit.epoch : 'again', kept?.window)"
  },
  {
    name: 'a recovery goes back behind an effect',
    file: 'lib/runtime/recovery/ladder.ts',
    find: 'if (this.#found.loaded.effectAt > version) return this.#gaveUp(2, EFFECT_SINCE)',
    replace: ''
  },
  {
    name: 'replies of a receipt acknowledged before it is given',
    file: 'lib/runtime/acknowledging.ts',
    find: 'const through = isNext || !isSynchronous(parts, cell) ? sentThrough(cell, epoch) : 0',
    replace: 'const through = isSynchronous(parts, cell) ? 1_000_000 : sentThrough(cell, epoch)'
  },
  {
    name: 'a tombstone with the old epoch',
    file: 'lib/testing/memory-store.ts',
    find: 'const tombstone = fresh(tombstoneEpoch, kept.window)',
    replace: 'const tombstone = fresh(epoch, kept.window)'
  },
  {
    name: 'an order takes what waits along',
    file: 'lib/runtime/plan.ts',
    find: 'taken: fromInbox ? passed + 1 : passed,',
    replace: 'taken: isOrder(event) ? inbox.length : fromInbox ? passed + 1 : passed,'
  },
  {
    name: 'any commit ends a hold',
    file: 'lib/runtime/next-record.ts',
    find: '...(held === null ? {} : { held })',
    replace: "...(held === null || event.kind === 'CallSettled' ? {} : { held })"
  },
  {
    name: 'a receipt that leaves older replies out',
    file: 'lib/runtime/landed.ts',
    find: 'return owed.map(({ reply }) => reply)',
    replace: 'return fresh.map(({ reply }) => reply)'
  },
  {
    name: 'a recovery that forgets open calls',
    file: 'lib/runtime/recovery/detached-calls.ts',
    find: 'return open.map(({ key, row }) => {',
    replace: 'return open.slice(0, 0).map(({ key, row }) => {'
  },
  {
    name: 'a commit without its history row',
    file: 'lib/testing/kept-conversation.ts',
    find: 'record(kept, commit.history)',
    replace: 'if (commit.replies.length > 0) record(kept, commit.history)'
  },
  {
    name: 'what the policy holds a conversation for is lost',
    file: 'lib/runtime/hold.ts',
    find: 'append: !fromInbox && isFromOutside(event) ? event : null',
    replace: 'append: fromInbox && isFromOutside(event) ? event : null'
  },
  {
    name: 'one run too few before a rule gives up',
    file: 'lib/supervision/judge.ts',
    find: 'if (failed.attempt > restarts) {',
    replace: 'if (failed.attempt >= restarts) {'
  },
  {
    name: 'rules that do not look where it failed',
    file: 'lib/supervision/rule.ts',
    find: 'when[place] !== undefined && when[place] !== failed[place]',
    replace: 'when[place] !== undefined && failed[place].length > 100'
  },
  {
    name: 'the last rule that matches is obeyed',
    file: 'lib/supervision/judge.ts',
    find: 'policy.rules.findIndex(',
    replace: 'policy.rules.findLastIndex('
  },
  {
    name: 'a reset that always leads to the menu',
    file: 'lib/runtime/plan.ts',
    find: 'to: fault?.verdict.to ?? null',
    replace: 'to: null'
  },
  {
    name: 'what is to be parked is reset',
    file: 'lib/runtime/plan.ts',
    find: "const isKept = parked.how === 'park' || isOrder(event)",
    replace: 'const isKept = isOrder(event)'
  },
  {
    name: 'one reset more than the policy allows',
    file: 'lib/supervision/judge.ts',
    find: 'return resets + 1 >= intensity.max',
    replace: 'return resets >= intensity.max'
  },
  {
    name: 'runs that are not counted',
    file: 'lib/runtime/supervise.ts',
    find: '(before?.runs ?? 0) + ',
    replace: 'Math.min(before?.runs ?? 0, 1) + '
  },
  {
    name: 'a back-off ten times too long',
    file: 'lib/runtime/supervise.ts',
    find: 'const pauseMs = Math.floor(parts.random.fraction() * verdict.pauseMostMs)',
    replace: 'const pauseMs = 10 * Math.floor(parts.random.fraction() * verdict.pauseMostMs)'
  },
  {
    name: 'a reset that failed is tried again',
    file: 'lib/supervision/judge.ts',
    find: "if (act === 'park') return null",
    replace: "if (act === 'reset') return act\n  if (act === 'park') return null"
  },
  {
    name: 'what is run again is not made to wait',
    file: 'lib/runtime/plan.ts',
    find: 'append: parked === null ? redriven(event) : null',
    replace: 'append: null'
  },
  {
    name: 'rows of a conversation that is held are taken again and again',
    file: 'lib/runtime/waiting.ts',
    find: 'if (record !== null) return isFree(record)',
    replace: 'if (record !== null) return true'
  },
  {
    name: 'a rollback that is told at every load',
    file: 'lib/runtime/turn.ts',
    find: 'if (isHere && (isTorn(loaded) || isBehind(cell, loaded))) rolledBack(parts, cell)',
    replace: 'if (isHere && loaded.fence !== null) rolledBack(parts, cell)'
  },
  {
    name: 'a reply that another process sent is taken for one of a lost branch',
    file: 'lib/outbox/lane.ts',
    find: '(stored.get(sequence) ?? row) !== row',
    replace: 'stored.get(sequence) !== row'
  },
  {
    name: 'a build that reads records of the next schema as its own',
    file: 'lib/store/envelope.ts',
    find: `, writtenSchema, epoch, version] = header
  if (Number(writtenSchema) > schema) return future(\`The record has schema \${writtenSchema}.\`)`,
    replace: `, written, epoch, version] = header
  const writtenSchema = Math.min(Number(written), schema)`
  }
]
