import type { EventLine } from './event-line.ts'
import type { Landed } from './ledger.ts'
import type { Court, Rule, Step } from './verdict.ts'

interface Owed {
  readonly digest: string
  sequence: number
  offered: boolean
  /** The channel took it, or it is not worth keeping, or cannot be kept. */
  taken: boolean
  /** The channel refused it for good: unless it was taken, who acknowledges it parks it. */
  refused: boolean
  parked: boolean
  /** An operator made it owed again: then it is always worth keeping. */
  readonly isAgain: boolean
  /** Of the commit that made it owed. */
  readonly head: string
  lost: boolean
}

/**
 * I5, I6, L2: committed replies are offered in order until they are taken, and nothing else is.
 * What is refused for good is parked by the commit that acknowledges it, and may be owed again.
 */
export class ReplyRules implements Rule {
  readonly #court: Court
  readonly #owed = new Map<string, Map<string, Owed>>()
  /** Of each conversation: the newest reply offered, and the newest acknowledged. */
  readonly #firsts = new Map<string, number>()
  readonly #marks = new Map<string, number>()
  /** Conversations whose replies nobody sends: receipts carry them. */
  readonly #byReceipt = new Set<string>()

  constructor(court: Court) {
    this.#court = court
  }

  take({ line, landed, lost }: Step): void {
    const { kind, conv = '', key = '', epoch = '', outcome, through = 0 } = line
    if (landed !== null) this.#land(conv, landed)
    for (const gone of lost) this.#lose(conv, gone)
    if (kind === 'restored') this.#restored(line)
    if (kind === 'erased') this.#erased(conv)
    if (line.byReceipt === true) this.#byReceipt.add(conv)
    for (const digest of line.gave ?? []) this.#given(conv, digest)
    if (kind === 'out.offer') this.#offered(line)
    const reply = kind === 'out.took' ? this.#of(conv).get(key) : undefined
    if (reply !== undefined) took(reply, outcome)
    // Told before it is acknowledged: no copy of it could be kept.
    const unkept = kind === 'out.unkept' ? this.#of(conv).get(key) : undefined
    if (unkept?.refused === true) unkept.taken = true
    if (kind === 'marked') this.#marked(line, epoch, through)
    if (landed !== null) this.#marked(line, landed.epoch, landed.told.through ?? 0)
  }

  end(isHealed: boolean): void {
    if (!isHealed) return
    for (const [conv, replies] of this.#owed) {
      // Those of the last receipt, and of what came after it, wait for the member to write again.
      if (this.#byReceipt.has(conv)) continue
      for (const [key, reply] of replies) {
        if (reply.offered || reply.lost) continue
        this.#court.accuse('L2', { conv, line: null }, `the reply ${key} was never offered`)
      }
    }
  }

  #of(conv: string): Map<string, Owed> {
    const known = this.#owed.get(conv) ?? new Map<string, Owed>()
    this.#owed.set(conv, known)
    return known
  }

  #land(conv: string, landed: Landed): void {
    for (const [key, reply] of owedBy(landed, this.#court.hasStore)) {
      const known = this.#of(conv).get(key)
      // A commit that a rollback took away may land a second time.
      const isResent = landed.told.resends !== undefined && known?.head !== landed.head
      if (known === undefined || isResent) this.#of(conv).set(key, reply)
      else known.lost = false
    }
    for (const key of landed.told.refused ?? []) this.#parks(landed.told, key)
  }

  #parks(line: EventLine, key: string): void {
    const reply = this.#court.hasStore ? this.#of(line.conv ?? '').get(key) : undefined
    if (reply === undefined) return
    if (!reply.refused) this.#court.accuse('L2', line, `the reply ${key} is parked, never refused`)
    if (reply.parked) this.#court.accuse('L2', line, `the reply ${key} is parked twice`)
    reply.parked = true
  }

  #lose(conv: string, gone: Landed): void {
    for (const [key] of owedBy(gone, this.#court.hasStore)) {
      const reply = this.#of(conv).get(key)
      if (reply !== undefined) reply.lost = true
    }
    for (const key of gone.told.refused ?? []) {
      const reply = this.#of(conv).get(key)
      if (reply === undefined) continue
      reply.parked = false
      // Who heard that it was acknowledged, and not that it was refused, says so again.
      reply.taken = true
    }
  }

  #restored({ conv = '', first = 1, through = 0 }: EventLine): void {
    this.#firsts.set(conv, Math.min(this.#firsts.get(conv) ?? 0, first - 1))
    this.#marks.set(conv, through)
  }

  #erased(conv: string): void {
    for (const reply of this.#of(conv).values()) reply.lost = true
    this.#firsts.delete(conv)
    this.#marks.delete(conv)
  }

  /** A receipt carries a reply; a redelivery may carry it again. */
  #given(conv: string, digest: string): void {
    for (const reply of this.#of(conv).values()) {
      if (reply.digest !== digest || reply.taken || reply.lost) continue
      reply.offered = true
      reply.taken = true
      return
    }
  }

  #offered(line: EventLine): void {
    const { hasStore, accuse } = this.#court
    const { conv = '', key = '', digest } = line
    const reply = this.#of(conv).get(hasStore ? key : unnumbered(key, digest))
    if (reply === undefined) {
      accuse('I6', line, `the reply ${key} was offered, but never committed`)
      return
    }
    if (reply.digest !== digest) accuse('I6', line, `the reply ${key} is not as it was committed`)
    if (reply.offered) return
    reply.offered = true
    if (reply.lost || !hasStore) return
    const newest = this.#firsts.get(conv) ?? 0
    if (reply.sequence < newest) accuse('I5', line, `the reply ${key} comes after ${newest}`)
    this.#firsts.set(conv, Math.max(newest, reply.sequence))
  }

  #marked(line: EventLine, epoch: string, through: number): void {
    const { conv = '' } = line
    const done = this.#marks.get(conv) ?? 0
    if (!this.#court.hasStore || through <= done) return
    this.#marks.set(conv, through)
    for (const [key, reply] of this.#of(conv)) {
      const { sequence, taken, lost, refused, parked } = reply
      if (lost || sequence <= done || sequence > through) continue
      if (!key.startsWith(`${conv}.${epoch}.`)) continue
      if (taken || parked) continue
      const what = refused ? 'although it was refused, and not parked' : 'before it was taken'
      this.#court.accuse('L2', line, `the reply ${key} was acknowledged ${what}`)
    }
  }
}

function owedBy({ told, head, epoch, first }: Landed, isNumbered: boolean): [string, Owed][] {
  return (told.out ?? []).map(([at, digest], index) => {
    const sequence = (first ?? 0) + index
    const own = [told.conv, epoch, sequence, `${at.toString(36)}-${processIn(head)}`].join('.')
    const key = told.resends ?? own
    const name = isNumbered ? key : unnumbered(key, digest)
    const fresh = { offered: false, taken: false, refused: false, parked: false, lost: false }
    return [name, { digest, sequence, ...fresh, isAgain: told.resends !== undefined, head }]
  })
}

/** How an offer ended. */
function took(reply: Owed, outcome: string | undefined): void {
  if (outcome === 'later') return
  if (outcome === 'refused' || (outcome === 'dropped' && reply.isAgain)) reply.refused = true
  else reply.taken = true
}

/** The nonce of the process that made this head. */
function processIn(head: string): string {
  return head.slice(head.lastIndexOf('/') + 1, head.lastIndexOf('.'))
}

// Who was killed before the answer came never told the numbers of its replies.
function unnumbered(key: string, digest = ''): string {
  const [conv, epoch, , at] = key.split('.')
  return `${conv}.${epoch}.${at} ${digest}`
}
