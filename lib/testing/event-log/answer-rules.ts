import type { EventLine } from './event-line.ts'
import { idIn, isOrdered, isOutside, type Landed, type Told } from './ledger.ts'
import type { Court, Rule } from './verdict.ts'

interface Arrival {
  readonly id: string
  readonly kind: 'recv' | 'acked'
}

const KEPT: readonly (string | undefined)[] = ['committed', 'duplicate', 'deferred', 'parked']

/** I2, I7, L1: what was promised to those who sent something. */
export function answerRules(court: Court): Rule {
  const { ledger, accuse, hasStore } = court
  const arrivals = new Map<string, Arrival[]>()
  const ended = new Set<string>()
  const kept: EventLine[] = []
  return {
    take: ({ line, landed, before }) => {
      const { kind, conv = '', id = '', outcome } = line
      if (landed !== null) inTurn(court, line, landed, before)
      // What is ignored leaves no trace: sent again it is new.
      if (kind === 'recv' || (kind === 'acked' && outcome !== 'ignored')) {
        const known = arrivals.get(conv) ?? []
        known.push({ id, kind })
        arrivals.set(conv, known)
      }
      if (kind === 'shed' || (kind === 'acked' && outcome === 'ignored')) ended.add(`${conv} ${id}`)
      if (kind !== 'acked' || !KEPT.includes(outcome)) return
      kept.push(line)
      if (hasStore && !ledger.of(conv).known.has(id)) {
        accuse('I2', line, `${id} was acknowledged as ${outcome}, but is not in the store`)
      }
    },
    end: isHealed => {
      // Without the store's own lines it may take until the end to hear of what a dead process did.
      for (const line of isHealed && !hasStore ? kept : []) {
        const { conv = '', id = '', outcome } = line
        if (ledger.of(conv).known.has(id)) continue
        accuse('I2', line, `${id} was acknowledged as ${outcome}, but nothing tells of its commit`)
      }
      for (const told of ledger.conversations) {
        const known = arrivals.get(told.conv) ?? []
        acrossTime(court, told, known)
        if (isHealed) ends(court, told, known, ended)
      }
    }
  }
}

/** Nothing passes an inbox row that waits for nothing, and rows are taken in their order. */
function inTurn(
  { ledger, accuse, hasStore }: Court,
  line: EventLine,
  { told, ver }: Landed,
  before: Landed | undefined
): void {
  if (!hasStore || before === undefined || isOrdered(told)) return
  const took = (told.took ?? []).map(idIn)
  const waiting = [...before.inbox]
  const [first] = waiting
  const isFree = !before.waits || (!before.held && isRecovering(told))
  const isPassed = isFree && first !== undefined && took.length > 0 && took[0] !== first
  if (isPassed && !beginsAnew(told, waiting, ledger.of(line.conv ?? ''))) {
    accuse('I7', line, `version ${ver} took ${took[0]} although ${first} came first`)
  }
  for (const id of took) {
    if (!waiting.includes(id)) continue
    if (waiting[0] !== id) accuse('I7', line, `${id} was taken before ${waiting[0]}`)
    waiting.splice(waiting.indexOf(id), 1)
  }
}

/** A message on a damaged record: no call is attached to what that goes on with. */
function isRecovering({ recovers, took = [] }: EventLine): boolean {
  return recovers === true && took[0]?.startsWith('Inbound ') === true
}

/**
 * True for the message with which a conversation begins anew of which nothing is left. Until then
 * what its host said has to wait, unless a message waits as well.
 */
function beginsAnew(told: EventLine, waiting: readonly string[], known: Told): boolean {
  if (!isRecovering(told) || told.parks !== true || told.from !== undefined) return false
  const { deferred, effects } = known
  const taken = (id: string): string | undefined =>
    effects.get(id)?.told.took?.find(cause => idIn(cause) === id)
  const causes = waiting.map(id => deferred.get(id)?.told.defers ?? taken(id) ?? '')
  return causes.every(cause => isOutside(cause) && !cause.startsWith('Inbound '))
}

/** What was acknowledged before another message arrived is accepted before it. */
function acrossTime({ accuse, hasStore }: Court, told: Told, arrivals: readonly Arrival[]): void {
  if (told.restores > 0) return
  const accepted = (id: string): number | undefined => {
    const landed = told.deferred.get(id) ?? told.effects.get(id)
    if (landed === undefined || hasStore) return landed?.at
    return landed.ver
  }
  const arrived = new Set<string>()
  let newest = { at: -1, id: '' }
  for (const { id, kind } of arrivals) {
    const at = accepted(id)
    if (kind === 'acked') {
      if (at !== undefined && at > newest.at) newest = { at, id }
      continue
    }
    if (arrived.has(id)) continue
    arrived.add(id)
    if (at === undefined || at > newest.at || id === newest.id) continue
    const place = { conv: told.conv, line: null }
    // One commit may take several rows: those are in order by their rows.
    if (at === newest.at) continue
    accuse('I7', place, `${id} arrived when ${newest.id} was acknowledged, but came before it`)
  }
}

function ends(
  { accuse, hasStore }: Court,
  { conv, effects, known }: Told,
  arrivals: readonly Arrival[],
  ended: ReadonlySet<string>
): void {
  for (const id of new Set(arrivals.map(arrival => arrival.id))) {
    if (effects.has(id) || ended.has(`${conv} ${id}`)) continue
    // What a rollback took away was acknowledged before, and is not sent again.
    if (hasStore && known.has(id)) continue
    accuse('L1', { conv, line: null }, `${id} has no effect and no end`)
  }
}

/** I12, I13, L3, L4, and that nothing is left over at the end. */
export function apartRules(
  { accuse }: Court,
  {
    idsAreGlobal,
    canaries
  }: { readonly idsAreGlobal: boolean; readonly canaries: readonly string[] },
  texts: readonly string[]
): Rule {
  const owners = new Map<string, string>()
  const own = (line: EventLine, what: string): void => {
    const { conv = '' } = line
    const owner = owners.get(what) ?? conv
    owners.set(what, owner)
    if (owner !== conv) accuse('I12', line, `${what} belongs to ${owner}`)
  }
  return {
    take: ({ line }) => {
      const { kind, conv = '', key = '', id, took = [], opens } = line
      if (kind === 'recv' && idsAreGlobal) own(line, `message ${id}`)
      if (idsAreGlobal)
        for (const cause of took) if (isOutside(cause)) own(line, `message ${idIn(cause)}`)
      if (opens !== undefined) own(line, `call ${opens}`)
      if (kind === 'out.offer' && !key.startsWith(`${conv}.`)) {
        accuse('I12', line, `the reply ${key} belongs to another conversation`)
      }
      const text = canaries.length === 0 ? '' : (texts[line.line - 1] ?? '')
      const leaked = canaries.find(canary => text.includes(canary))
      if (leaked !== undefined) accuse('I13', line, `a ${kind} line holds a secret`)
      if (kind === 'rest') accuse('L3', line, `${line.id} is left: ${line.outcome}`)
      if (kind === 'escalated') accuse('L4', line, 'a fault reached the supervisors')
      if (kind === 'final' && line.outcome !== undefined) accuse('L1', line, line.outcome)
    },
    end: () => undefined
  }
}
