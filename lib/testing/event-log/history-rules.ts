import { isFirstEpoch } from '../../store/identity.ts'
import { type EventLine, nameOf } from './event-line.ts'
import { idIn, type Landed, type Told } from './ledger.ts'
import type { Court, Rule, Step } from './verdict.ts'

/** I1, I3, I4, I8, I10, I14: what every commit must be, seen from the one before. */
export function historyRules(court: Court, fold?: (branch: readonly Landed[]) => string): Rule {
  const { ledger, accuse, hasStore } = court
  const started = new Map<string, string>()
  const committed = new Map<string, string>()
  const replies = new Map<string, number>()
  const tombstones = new Map<string, string>()
  let healedMs = Number.POSITIVE_INFINITY
  return {
    take: ({ line, landed, before, lost }) => {
      const { kind, conv = '', key = '' } = line
      if (kind === 'handler.start') started.set(`${conv} ${key}`, line.digest ?? '')
      if (kind === 'fault.end') healedMs = line.wall
      if (kind === 'final') overdue(court, line, healedMs)
      if (kind === 'commit.ok') committedOnce(court, committed, line)
      if (kind === 'restored') forget(committed, conv, lost)
      if (kind === 'restored') replies.set(conv, (line.first ?? 1) - 1)
      if (kind === 'erased') {
        replies.set(conv, 0)
        tombstones.set(conv, line.epoch ?? '')
      }
      if (kind === 'final' && fold !== undefined && line.digest !== undefined) {
        const expected = fold(ledger.of(conv).branch)
        if (line.digest !== expected) accuse('I4', line, 'its state is not what its history makes')
      }
      if (kind === 'final') numbers(court, line, replies.get(conv) ?? 0)
      if (landed === null) return
      if (hasStore) {
        contiguous(court, landed, before?.epoch ?? tombstones.get(conv), before?.ver ?? 0)
        const expected = (replies.get(conv) ?? 0) + 1
        replies.set(conv, expected - 1 + (landed.told.out?.length ?? 0))
        const isNumbered = landed.told.defers === undefined || landed.told.digest !== undefined
        if (isNumbered && landed.first !== expected) {
          accuse('I14', line, `its first reply has number ${landed.first}, expected ${expected}`)
        }
      }
      for (const id of landed.repeats) accuse('I1', line, `${id} is in version ${landed.ver} again`)
      decidedOnParent(court, line, landed, before, started)
      timely(court, line, landed, before, healedMs)
    },
    end: () => {
      if (!hasStore) for (const told of ledger.conversations) inOrder(court, told)
    }
  }
}

function committedOnce(
  { ledger, accuse, hasStore }: Court,
  committed: Map<string, string>,
  line: EventLine
): void {
  const { conv = '', epoch, ver, key = '' } = line
  if (hasStore && !ledger.of(conv).ever.has(key)) {
    // A rollback may take a commit away before its process hears of it.
    if (!ledger.of(conv).lost.has(key)) accuse('I8', line, `version ${ver} was never stored`)
    return
  }
  const place = `${conv} ${epoch} ${ver}`
  const other = committed.get(place)
  if (other !== undefined && other !== key) {
    accuse('I8', line, `version ${ver} was committed as ${other} and as ${key}`)
  }
  committed.set(place, key)
}

function forget(committed: Map<string, string>, conv: string, lost: readonly Landed[]): void {
  for (const { epoch, ver } of lost) committed.delete(`${conv} ${epoch} ${ver}`)
}

function contiguous(
  { accuse }: Court,
  { ver, epoch, told }: Landed,
  epochBefore: string | undefined,
  before: number
): void {
  if (ver !== before + 1) accuse('I3', told, `version ${ver} came after version ${before}`)
  if (epochBefore !== undefined && epochBefore !== epoch) {
    accuse('I3', told, `epoch ${epoch} came after epoch ${epochBefore}`)
  }
}

/** Without the store's own lines the order is that of the versions, and known only at the end. */
function inOrder({ accuse }: Court, { conv, ever }: Told): void {
  const place = { conv, line: null }
  const known = [...ever.values()].toSorted((one, other) => one.ver - other.ver)
  for (const [index, { ver, head, epoch }] of known.entries()) {
    const before = known[index - 1]
    if (before === undefined || before.epoch !== epoch) continue
    if (before.ver === ver) accuse('I8', place, `version ${ver} is ${before.head} and ${head}`)
    // A version that no process told of may have landed all the same.
    if (ver - before.ver > 1) continue
  }
}

function decidedOnParent(
  { accuse, hasStore, ledger }: Court,
  line: EventLine,
  landed: Landed,
  last: Landed | undefined,
  started: ReadonlyMap<string, string>
): void {
  const { told, head, ver } = landed
  if (told.digest === undefined) return
  const parent = told.parent ?? null
  if (hasStore && parent !== (last?.head ?? null)) {
    accuse(
      'I4',
      line,
      `version ${ver} names ${parent} as the one before, but that is ${last?.head}`
    )
  }
  // What is brought to another schema is decided on as it is then.
  if (parent === null || told.recovers === true || told.migrated !== undefined) return
  const before = hasStore ? last : ledger.of(line.conv ?? '').ever.get(parent)
  const seen = started.get(`${line.conv} ${nonceOf(head)}`)
  if (seen === undefined || before === undefined || before.state === null) return
  if (seen !== before.state) {
    accuse(
      'I4',
      line,
      `version ${ver} was decided on another state than version ${before.ver} left`
    )
  }
}

/** The name under which a decision knows the commit it becomes. */
function nonceOf(head: string): string {
  return head.slice(head.indexOf('/') + 1).replace('.', '-')
}

// The clock of a machine may differ from the store's by so much in a log without the store's lines.
const SLACK_MS = 2_000

function timely(
  { accuse, hasStore }: Court,
  line: EventLine,
  { told, atMs }: Landed,
  before: Landed | undefined,
  healedMs: number
): void {
  for (const cause of told.took ?? []) {
    if (!cause.startsWith('TimerDue ')) continue
    const timer = idIn(cause)
    const dueMs = Number(timer.slice(timer.lastIndexOf('@') + 1))
    // A timer that went with the newest record is set anew by what the history tells.
    if (hasStore && told.recovers !== true && before?.timers.includes(timer) !== true) {
      accuse('I10', line, `timer ${timer} fired although it was not set`)
    }
    if (dueMs > healedMs && atMs - dueMs > LATE_MS) {
      accuse('L1', line, `timer ${timer} fired ${atMs - dueMs} ms late`)
    }
    if (atMs + (hasStore ? 0 : SLACK_MS) < dueMs) {
      accuse('I10', line, `timer ${timer} fired ${dueMs - atMs} ms early`)
    }
  }
}

/** A lease may pass before another process looks, and some sweeps. */
const LATE_MS = 15_000

function overdue({ ledger, accuse, hasStore }: Court, line: EventLine, healedMs: number): void {
  if (!hasStore) return
  const [waiting] = ledger.of(line.conv ?? '').branch.at(-1)?.inbox ?? []
  if (waiting !== undefined) accuse('L1', line, `${waiting} waited, and was never taken`)
  for (const timer of ledger.of(line.conv ?? '').branch.at(-1)?.timers ?? []) {
    const lateMs = line.wall - Math.max(healedMs, Number(timer.slice(timer.lastIndexOf('@') + 1)))
    if (lateMs > LATE_MS) accuse('L1', line, `timer ${timer} is ${lateMs} ms late`)
  }
}

function numbers({ ledger, accuse, hasStore }: Court, line: EventLine, replies: number): void {
  const { conv = '', ver, key, parent, first, through } = line
  const last = ledger.of(conv).branch.at(-1)
  // Of an erased conversation nothing is left to count.
  if (last === undefined && ver === 0) return
  if (last?.ver !== ver || last?.head !== key) {
    accuse('I3', line, `the store ends at version ${ver} (${key}), its commits at ${last?.ver}`)
  }
  if (parent !== key) accuse('I14', line, `the newest history row is ${parent}, the head ${key}`)
  if (hasStore && first !== replies + 1) {
    accuse('I14', line, `the next reply has number ${first}, but ${replies} were committed`)
  }
  if ((through ?? 0) >= (first ?? 1)) {
    accuse('I14', line, `replies are acknowledged through ${through}, the next is ${first}`)
  }
}

/** I4: a build that does not know the schema of a record leaves it as it is. */
export function schemaRules({ accuse, hasStore }: Court): Rule {
  const newest = new Map<string, number>()
  /** What the build knows that each process was last born with. */
  const builds = new Map<string, number>()
  return {
    take: ({ line, landed }) => {
      const { kind, conv = '', id = '', schema = 1 } = line
      if (kind === 'born') builds.set(id, schema)
      if (kind === 'restored' || kind === 'erased') newest.delete(conv)
      // A deferral writes no record; what was damaged may come back as it was long ago.
      if (!hasStore || landed === null || landed.told.digest === undefined) return
      const known = newest.get(conv) ?? 1
      newest.set(conv, schema)
      const build = builds.get(nameOf(landed.head)) ?? schema
      if (schema > build) {
        accuse('I4', line, `version ${landed.ver} has schema ${schema}, its build knows ${build}`)
      }
      if (schema >= known || landed.told.recovers === true) return
      accuse('I4', line, `version ${landed.ver} has schema ${schema}, the one before had ${known}`)
    },
    end: () => undefined
  }
}

/** I11: a process that saw a newer version says so before it builds on an older one, only then. */
export function rollbackRules({ accuse, hasStore }: Court): Rule {
  const restored = new Set<string>()
  const seen = new Map<string, { readonly epoch: string; readonly ver: number }>()
  const said = new Set<string>()
  return {
    take: ({ line }: Step) => {
      const { kind, conv = '', proc, epoch = '', ver } = line
      const place = `${proc} ${conv}`
      if (kind === 'restored') restored.add(conv)
      if (kind === 'rollback') said.add(place)
      if (kind === 'rollback' && hasStore && !restored.has(conv)) {
        accuse('I11', line, 'a rollback is told, and the store has never rolled back')
      }
      if (kind === 'commit.ok' && ver !== undefined) seen.set(place, { epoch, ver })
      if (kind !== 'commit.try' || ver === undefined || said.has(place)) return
      const known = seen.get(place)
      if (known === undefined) return
      // What begins after an erase bears the epoch of its tombstone, which is no first one.
      if (known.epoch === epoch ? ver <= known.ver : isFirstEpoch(epoch))
        accuse('I11', line, `version ${known.ver} is gone, which nobody was told`)
    },
    end: () => undefined
  }
}
