import type { EventLine } from './event-line.ts'
import { idIn, isOrdered, isOutside, type Landed } from './ledger.ts'
import type { Court, Rule } from './verdict.ts'

/** L1: what is settled as due wakes the conversation in time for the first of its timers. */
export function dueRules({ accuse }: Court): Rule {
  const damaged = new Set<string>()
  return {
    take: ({ line }) => {
      const { kind, conv = '', asleep } = line
      // Of what cannot be read no timer runs: whoever writes next is shown the menu.
      if (kind === 'damaged') damaged.add(conv)
      if (asleep === undefined || damaged.has(conv)) return
      accuse('L1', line, `it is left asleep at ${asleep}, when a timer is due`)
    },
    end: () => undefined
  }
}

/** I15: what is held is held, what moved back has a prompt of its own, what is erased is gone. */
export function orderRules({ ledger, accuse, hasStore }: Court): Rule {
  // By head of the commit that opened it: after a rollback of the store it may land again.
  const prompts = new Map<string, Map<string, string>>()
  const known = (conv: string): Map<string, string> => {
    const seen = prompts.get(conv) ?? new Map<string, string>()
    prompts.set(conv, seen)
    return seen
  }
  return {
    take: ({ line, landed, before }) => {
      const { kind, conv = '', id = '', outcome } = line
      if (kind === 'ordered' && hasStore && !ledger.of(conv).known.has(id)) {
        accuse('I15', line, `${id} was answered with ${outcome}, but is not in the store`)
      }
      if (kind === 'erased' && outcome !== undefined) {
        accuse('I15', line, `the erased conversation is left in ${outcome}`)
      }
      if (landed === null) return
      if (hasStore) whileHeld({ accuse }, line, landed, before)
      const { ver, told, head } = landed
      const { prompt, from, recovers = false } = told
      if (prompt === undefined) return
      const opened = known(conv).get(prompt) ?? head
      if (from !== undefined && !recovers && opened !== head) {
        accuse('I15', line, `version ${ver} went back to ${from} and to a prompt of then`)
      }
      known(conv).set(prompt, opened)
    },
    end: () => undefined
  }
}

function whileHeld(
  { accuse }: Pick<Court, 'accuse'>,
  line: EventLine,
  { told, ver, held }: Landed,
  before: Landed | undefined
): void {
  const wasHeld = before?.held ?? false
  if (wasHeld !== held && !isOrdered(told) && !(held && told.heldFor !== undefined)) {
    const what = held ? 'holds the conversation' : 'lets the conversation go on'
    accuse('I15', line, `version ${ver} ${what}, which no operator ordered`)
  }
  // What fails again and again is given up, held or not.
  if (!wasHeld || told.parks === true || isOrdered(told)) return
  const decided = told.took?.find(cause => isOutside(cause) || cause.startsWith('TimerDue '))
  if (decided === undefined) return
  accuse('I15', line, `version ${ver} took ${idIn(decided)} while the conversation was held`)
}

/** I4, I9: only what is damaged is recovered, and nothing goes back behind an effect. */
export function damageRules({ ledger, accuse, hasStore }: Court): Rule {
  const damaged = new Set<string>()
  return {
    take: ({ line, landed }) => {
      const { kind, conv = '' } = line
      if (kind === 'damaged') damaged.add(conv)
      if (landed === null || !hasStore) return
      const { told, ver } = landed
      const { from, across, recovers } = told
      if (recovers === true && !damaged.has(conv)) {
        accuse('I4', line, `version ${ver} recovers a record that nobody damaged`)
      }
      if (from === undefined || across === true) return
      const begun = ledger
        .of(conv)
        .branch.find(other => other.ver > from && other !== landed && other.told.effect === true)
      if (begun === undefined) return
      accuse('I9', line, `version ${ver} goes back to ${from}, before the effect of ${begun.ver}`)
    },
    end: () => undefined
  }
}
