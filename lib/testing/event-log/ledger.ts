import type { EventLine } from './event-line.ts'

/** One commit or deferral that landed in the store. */
export interface Landed {
  readonly told: EventLine
  readonly head: string
  readonly ver: number
  readonly epoch: string
  /** Store time at which it landed, as well as the log knows it. */
  readonly atMs: number
  /** Sequence number of its first reply; null when nobody was told. */
  readonly first: number | null
  /** Digest of the state after it; a deferral changes none. */
  readonly state: string | null
  readonly timers: readonly string[]
  /** A call is attached to the flow, or it is held: what arrives waits. */
  readonly waits: boolean
  /** An operator or the policy holds the conversation. */
  readonly held: boolean
  /** Ids that wait in the inbox after it, in order. */
  readonly inbox: readonly string[]
  /** Outside ids of it that had an effect, or waited, before. */
  readonly repeats: readonly string[]
  /** Position among all that landed in the conversation. */
  readonly at: number
}

/** What a log tells of one conversation: its commits in the order in which they became true. */
export interface Told {
  readonly conv: string
  /** The branch that the store holds; a rollback shortens it. */
  readonly branch: Landed[]
  readonly ever: Map<string, Landed>
  /** Heads that a rollback took away. */
  readonly lost: Set<string>
  /** Outside ids with an effect, and those that were put into the inbox; by id. */
  effects: Map<string, Landed>
  deferred: Map<string, Landed>
  /** Of those with an effect: given up, and by an operator's word to be taken once more. */
  redriven: Set<string>
  /** Outside ids that were ever committed or deferred, also on a branch that was lost. */
  readonly known: Set<string>
  restores: number
}

const OUTSIDE = /^(?:Inbound|Told|OperatorCommand) /

/** The part of `kind id` that is the id. */
export function idIn(took: string): string {
  return took.slice(took.indexOf(' ') + 1)
}

export function isOutside(took: string): boolean {
  return OUTSIDE.test(took)
}

/** An operator's command: it stands alone, and comes before what waits. */
export function isOrdered({ took = [] }: EventLine): boolean {
  return took[0]?.startsWith('OperatorCommand ') === true
}

/** What became of every commit that the log tells of. */
export class Ledger {
  readonly #tries = new Map<string, EventLine>()
  /** What was tried on top of a head, and not refused. */
  readonly #above = new Map<string, EventLine[]>()
  readonly #isOrdered: boolean
  readonly #conversations = new Map<string, Told>()

  /** `isOrdered`: commits are known in the order in which they landed. */
  constructor(isOrdered: boolean) {
    this.#isOrdered = isOrdered
  }

  get conversations(): Iterable<Told> {
    return this.#conversations.values()
  }

  of(conv: string): Told {
    const known = this.#conversations.get(conv)
    if (known !== undefined) return known
    const told: Told = {
      conv,
      branch: [],
      ever: new Map(),
      lost: new Set(),
      effects: new Map(),
      deferred: new Map(),
      redriven: new Set(),
      known: new Set(),
      restores: 0
    }
    this.#conversations.set(conv, told)
    return told
  }

  tried(line: EventLine): void {
    this.#tries.set(`${line.conv} ${line.key}`, line)
    if (typeof line.parent !== 'string') return
    const place = `${line.conv} ${line.parent}`
    // What is tried again, under its own head, is one try.
    const others = (this.#above.get(place) ?? []).filter(({ key }) => key !== line.key)
    this.#above.set(place, [...others, line])
  }

  refused({ conv, key }: EventLine): void {
    const parent = this.tryOf(conv ?? '', key ?? '')?.parent
    const place = `${conv} ${parent}`
    const left = this.#above.get(place)?.filter(line => line.key !== key)
    if (left !== undefined) this.#above.set(place, left)
  }

  /**
   * The head of the commit that must lie beneath a deferral, which names no parent: its process was
   * killed before it could tell. Null when none is missing, or it cannot be known which.
   */
  beneath(conv: string, head: string, ver: number | undefined): string | null {
    const told = this.tryOf(conv, head)
    const { branch, ever } = this.of(conv)
    const last = branch.at(-1)
    if (told === undefined || told.digest !== undefined || ever.has(head)) return null
    if (last === undefined || ver === undefined || last.ver !== ver - 2) return null
    const [only, ...others] = this.#above.get(`${conv} ${last.head}`) ?? []
    return others.length === 0 && only?.ver === ver - 1 ? (only.key ?? null) : null
  }

  tryOf(conv: string, head: string): EventLine | undefined {
    return this.#tries.get(`${conv} ${head}`)
  }

  /** A commit is known to have landed; null when it was known before, or is nobody's. */
  land(conv: string, head: string, seen: Pick<EventLine, 'ver' | 'wall' | 'first'>): Landed | null {
    const conversation = this.of(conv)
    const told = this.tryOf(conv, head)
    if (told === undefined || conversation.ever.has(head)) return null
    const before = this.#isOrdered ? conversation.branch.at(-1) : undefined
    const isDeferral = told.digest === undefined
    const landed: Landed = {
      told,
      head,
      ver: seen.ver ?? told.ver ?? 0,
      epoch: told.epoch ?? '',
      atMs: seen.wall,
      first: seen.first ?? null,
      state: isDeferral ? (before?.state ?? null) : (told.digest ?? null),
      timers: isDeferral ? (before?.timers ?? []) : (told.timers ?? []),
      waits: isDeferral ? (before?.waits ?? false) : told.waits === true,
      held: isDeferral ? (before?.held ?? false) : told.held === true,
      inbox: inboxAfter(before?.inbox ?? [], told),
      repeats: repeatsIn(conversation, told, seen.ver ?? told.ver ?? 0, this.#isOrdered),
      at: conversation.ever.size
    }
    conversation.ever.set(head, landed)
    conversation.branch.push(landed)
    this.#note(conversation, landed)
    return landed
  }

  /** The store holds an older state again: what came after this version is lost. */
  restore(conv: string, ver: number): readonly Landed[] {
    const conversation = this.of(conv)
    conversation.restores += 1
    const lost = conversation.branch.splice(ver)
    conversation.effects = new Map()
    conversation.deferred = new Map()
    conversation.redriven = new Set()
    for (const { head } of lost) {
      conversation.ever.delete(head)
      conversation.lost.add(head)
    }
    for (const landed of conversation.branch) this.#note(conversation, landed)
    return lost
  }

  /**
   * The conversation is no more; versions begin anew. The ids that it took stay known, as those of
   * its tombstone do.
   */
  erase(conv: string): readonly Landed[] {
    return this.of(conv).branch.splice(0)
  }

  #note(conversation: Told, landed: Landed): void {
    const { took = [], defers, redrives } = landed.told
    for (const id of took.filter(isOutside).map(idIn)) {
      // Its place among the others is that of when it was taken first.
      if (!conversation.redriven.delete(id)) conversation.effects.set(id, landed)
      conversation.known.add(id)
    }
    if (redrives !== undefined) conversation.redriven.add(redrives)
    if (defers === undefined) return
    conversation.deferred.set(idIn(defers), landed)
    conversation.known.add(idIn(defers))
  }
}

function inboxAfter(before: readonly string[], told: EventLine): string[] {
  const { took = [], defers, redrives } = told
  const taken = took.map(idIn)
  const left = before.filter(id => !taken.includes(id))
  if (redrives !== undefined) return [...left, redrives]
  return defers === undefined ? left : [...left, idIn(defers)]
}

function repeatsIn(
  told: Told,
  { took = [], defers }: EventLine,
  ver: number,
  isOrdered: boolean
): string[] {
  const { effects, deferred, redriven } = told
  const decided = took.filter(isOutside).map(idIn)
  const waiting = defers === undefined ? [] : [idIn(defers)]
  return [
    ...decided.filter(
      id => effects.has(id) && !redriven.has(id) && (isOrdered || !isRunAgain(told, id, ver))
    ),
    // Of a dead process it may be known late that it made something wait.
    ...waiting.filter(id => (isOrdered && effects.has(id)) || deferred.has(id))
  ]
}

/**
 * An operator beside the processes lets run again what was given up, and writes no line: then a
 * version stands between of which nobody tells.
 */
function isRunAgain({ effects, ever }: Told, id: string, ver: number): boolean {
  const first = effects.get(id)
  if (first?.told.parks !== true) return false
  const between = new Set<number>()
  for (const landed of ever.values()) {
    if (landed.ver > first.ver && landed.ver < ver) between.add(landed.ver)
  }
  return between.size < ver - first.ver - 1
}
