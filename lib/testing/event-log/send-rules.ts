import { type EventLine, nameOf } from './event-line.ts'
import type { Court, Rule } from './verdict.ts'

interface Offer {
  readonly proc: string
  /** When its process gives it up at the latest, in the time of all. */
  readonly untilMs: number
}

/** I17: while one process sends a reply, no other begins to. */
export function sendRules({ ledger, accuse }: Court): Rule {
  const aheadMs = new Map<string, number>()
  const open = new Map<string, readonly Offer[]>()
  const bornAtMs = new Map<string, number>()
  const offered = (line: EventLine): void => {
    const { conv = '', key = '', proc, mono, limitMs = 0 } = line
    const atMs = mono + (aheadMs.get(proc) ?? 0)
    const others = (open.get(key) ?? []).filter(other => other.proc !== proc)
    const beside = others.find(({ untilMs }) => untilMs > atMs)
    // A store that rolled back has forgotten who sends.
    if (beside !== undefined && ledger.of(conv).restores === 0) {
      accuse('I17', line, `the reply ${key} was offered by ${proc} while ${beside.proc} sent it`)
    }
    open.set(key, [...others, { proc, untilMs: atMs + limitMs }])
  }
  const ended = (isOver: (offer: Offer) => boolean): void => {
    for (const [key, offers] of open) {
      const left = offers.filter(offer => !isOver(offer))
      if (left.length === 0) open.delete(key)
      else open.set(key, left)
    }
  }
  return {
    take: ({ line }) => {
      const { kind, key = '', proc, mono, wall, id } = line
      if (kind === 'born') bornAtMs.set(id ?? '', mono)
      // A world tells when it gave a process its monotonic clock; elsewhere processes meet in the
      // wall clock, as it was when they started, for it may be set later.
      if (kind === 'start') aheadMs.set(proc, bornAtMs.get(nameOf(proc)) ?? wall - mono)
      if (kind === 'killed') ended(offer => offer.proc.startsWith(`${id}/`))
      if (kind === 'start') ended(offer => nameOf(offer.proc) === nameOf(proc))
      if (kind === 'out.offer') offered(line)
      if (kind !== 'out.took') return
      const left = (open.get(key) ?? []).filter(offer => offer.proc !== proc)
      if (left.length === 0) open.delete(key)
      else open.set(key, left)
    },
    end: () => undefined
  }
}
