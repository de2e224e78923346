import type { Landed } from '../event-log/ledger.ts'
import { idIn } from '../event-log/ledger.ts'
import { foldOf } from './chain-program.ts'

/** The chain that a conversation with the chain program must have after these commits. */
export function chainFold(branch: readonly Landed[]): string {
  const origins = new Map<string, string>()
  let links: string[] = []
  for (const { told } of branch) {
    const took = told.took ?? []
    for (const [at, cause] of took.entries()) {
      const id = idIn(cause)
      const isSettled = cause.startsWith('CallSettled ')
      const word = isSettled ? `settled ${origins.get(id.slice(0, -'.settled'.length))}` : id
      if (at === 0 && told.parks === true) links = [`reset ${id}`]
      else links.push(word)
    }
    if (told.opens !== undefined) origins.set(told.opens, idIn(took.at(-1) ?? ''))
  }
  return foldOf(links)
}
