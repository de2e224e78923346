import type { Command } from './command.ts'
import { approve, type Decision, type Scene } from './decision.ts'
import {
  decideLedgerPage,
  decideLogin,
  decideRegistration,
  decideResolve,
  decideUpgrade
} from './member-decisions.ts'
import { decideAcceptAll, decideOffer, decideSettlement } from './offer-decisions.ts'

/** What the ledger says to a command, by its rules and what it holds; changes nothing. */
export function decide(scene: Scene, command: Command): Decision {
  switch (command.name) {
    case 'login':
      return decideLogin(scene, command.phone)
    case 'registerMember':
      return decideRegistration(scene, command)
    case 'resolveHandle':
      return decideResolve(scene, command.memberId, command.handle)
    case 'createOffer':
      return decideOffer(scene, command.memberId, command)
    case 'acceptOffer':
    case 'declineOffer':
    case 'cancelOffer':
      return decideSettlement(scene, command.memberId, command.name, command.offerId)
    case 'acceptAll': {
      const { memberId, ids, forcedFailures = new Map() } = command
      return decideAcceptAll(scene, memberId, ids, forcedFailures)
    }
    case 'readLedger':
      return decideLedgerPage(scene, command.memberId, command)
    case 'upgradeTier': {
      const { memberId, ofMember, accountId } = command
      return decideUpgrade(scene, memberId, { memberId: ofMember, accountId })
    }
    case 'readOperation':
      return decideRecall(scene, command.memberId, command.key)
  }
}

function decideRecall({ state }: Scene, memberId: string, key: string): Decision {
  const operation = state.operations.get(key)
  const outcome = operation?.memberId === memberId ? operation.outcome : null
  return approve({ type: 'OPERATION_READ', details: { key, outcome }, memberId, changes: [] })
}
