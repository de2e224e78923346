import assert from 'node:assert/strict'
import * as E from 'fp-ts/lib/Either.js'
import type { Command } from '../../../../examples/ledger/service/book/command.ts'
import { type Rules } from '../../../../examples/ledger/service/book/rules.ts'
import { Ledger } from '../../../../examples/ledger/service/ledger.ts'
import type { LedgerError } from '../../../../examples/ledger/service/protocol.ts'
import { seed } from '../../../../examples/ledger/service/seed.ts'
import { HandClock } from './a-service.ts'

/** A ledger with the members of the transcripts, on a clock that stands still. */
export function aLedger(content: unknown = seed, rules: Partial<Rules> = {}) {
  const clock = new HandClock()
  let count = 0
  const newId = (kind: string) => `${kind}-${++count}`
  const made = Ledger.from(content, { clock, newId, rules })
  if (E.isLeft(made)) assert.fail(made.left.join('; '))
  return { clock, ledger: made.right }
}

/** Alice offers 10.00 USD to Bob, unless said otherwise. */
export function offer(more: Partial<Extract<Command, { name: 'createOffer' }>> = {}): Command {
  return {
    name: 'createOffer',
    memberId: 'm-alice',
    issuer: 'acc-alice',
    receiver: 'acc-bob',
    amount: '10.00',
    denom: 'USD',
    ...more
  }
}

/** Executes what must succeed; answers the details. */
export function done(ledger: Ledger, command: Command): Record<string, unknown> {
  const { outcome } = ledger.execute(command, null)
  return 'action' in outcome ? outcome.action.details : assert.fail(outcome.error.message)
}

/** Executes what must be refused. */
export function refused(ledger: Ledger, command: Command): LedgerError {
  const { outcome } = ledger.execute(command, null)
  return 'error' in outcome ? outcome.error : assert.fail('it was not refused')
}

/** Makes an offer; answers its id. */
export function offered(ledger: Ledger, command = offer()): string {
  const { offerId } = done(ledger, command)['offer'] as { offerId: string }
  return offerId
}
