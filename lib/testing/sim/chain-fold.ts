import type { Landed } from '../event-log/ledger.ts'
import { idIn, isOrdered } from '../event-log/ledger.ts'
import { foldOf } from './chain-program.ts'

/** The chain that a conversation with the chain program must have after these commits. */
export function chainFold(branch: readonly Landed[]): string {
  const roots = new Map<string, string>()
  const after = new Map<number, readonly string[]>()
  let links: readonly string[] = []
  for (const { told, ver } of branch) {
    const took = told.took ?? []
    // Where no older state would do, it goes on from none.
    if (told.recovers === true) links = []
    if (told.from !== undefined) links = after.get(told.from) ?? []
    // The orders of an operator, and refused replies, are the runtime's: the chain knows nothing of
    // them.
    const decided = isOrdered(told) ? [] : took.filter(cause => !cause.startsWith('ReplyRefused '))
    for (const [at, cause] of decided.entries()) {
      const id = idIn(cause)
      const isSettled = cause.startsWith('CallSettled ')
      const word = isSettled ? `settled ${roots.get(id.slice(0, -'.settled'.length))}` : id
      if (at > 0 || told.parks !== true) links = [...links, word]
      else if (told.asItWas !== true && told.heldFor === undefined) links = [`reset ${id}`]
    }
    after.set(ver, links)
    if (told.opens !== undefined) roots.set(told.opens, idIn(took.at(-1) ?? ''))
  }
  return foldOf(links)
}
