import type { EventLine } from './event-line.ts'
import type { Landed, Ledger } from './ledger.ts'
import type { Court, Rule } from './verdict.ts'

/** I9: a call is made only for an intent that landed, with one input, and not after its result. */
export function callRules({ ledger, accuse, hasStore }: Court): Rule {
  const opened = new Map<string, string>()
  const inputs = new Map<string, string>()
  const closed = new Map<string, { readonly conv: string; readonly landed: Landed }>()
  const known = new Known(ledger)
  /** Calls that a process has logged in for: the repeat is the same attempt. */
  const loggedIn = new Set<string>()
  const tried = (line: EventLine): void => {
    const { key = '', proc, digest = '', ver: attempt, id } = line
    const isLogin = key.endsWith('.login')
    const conv = opened.get(isLogin ? key.slice(0, -'.login'.length) : key)
    if (conv === undefined) {
      if (hasStore) accuse('I9', line, `call ${id} ${key} is made, but no commit intends it`)
      return
    }
    if (isLogin) {
      loggedIn.add(`${proc} ${key.slice(0, -'.login'.length)}`)
      return
    }
    const place = { conv, line: line.line }
    const before = inputs.get(key) ?? digest
    inputs.set(key, before)
    if (before !== digest) accuse('I9', place, `call ${id} ${key} has another input than before`)
    const end = closed.get(key)
    if (end === undefined || attempt !== 1 || loggedIn.delete(`${proc} ${key}`)) return
    if (known.by(proc, conv) >= end.landed.ver) {
      accuse('I9', place, `call ${id} ${key} is made again after its result was stored`)
    }
  }
  return {
    take: ({ line, landed, lost }) => {
      const { kind, conv = '', ver = 0 } = line
      if (landed !== null) {
        const { opens, closes = [] } = landed.told
        if (opens !== undefined) opened.set(opens, conv)
        if (opens !== undefined) closed.delete(opens)
        for (const key of closes) closed.set(key, { conv, landed })
      }
      for (const gone of lost) for (const key of gone.told.closes ?? []) closed.delete(key)
      if (kind === 'restored') known.lose(conv, ver)
      if (kind === 'load' || kind === 'commit.ok') known.learn(line)
      if (kind === 'effect.try') tried(line)
    },
    end: isHealed => {
      if (!isHealed || !hasStore) return
      for (const [key, conv] of opened) {
        if (closed.has(key)) continue
        const isLost = !ledger.of(conv).branch.some(({ told }) => told.opens === key)
        if (!isLost) accuse('L1', { conv, line: null }, `call ${key} never came to an end`)
      }
    }
  }
}

/** The newest version, of what the store still holds, that each process was told of. */
class Known {
  readonly #ledger: Ledger
  readonly #versions = new Map<string, Map<string, number>>()

  constructor(ledger: Ledger) {
    this.#ledger = ledger
  }

  by(proc: string, conv: string): number {
    return this.#versions.get(conv)?.get(proc) ?? 0
  }

  learn({ conv = '', proc, key = '', ver = 0 }: EventLine): void {
    // Of a commit that a rollback took away it is told late that it landed.
    const { lost, ever } = this.#ledger.of(conv)
    if (lost.has(key) && !ever.has(key)) return
    const known = this.#versions.get(conv) ?? new Map<string, number>()
    this.#versions.set(conv, known.set(proc, ver))
  }

  /** What came after this version is no longer so. */
  lose(conv: string, after: number): void {
    const known = this.#versions.get(conv) ?? new Map<string, number>()
    for (const [proc, ver] of known) known.set(proc, Math.min(ver, after))
  }
}
