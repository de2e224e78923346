import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { applyCommit } from './book/apply-commit.ts'
import type { Command } from './book/command.ts'
import type { Change, Commit, Operation } from './book/commit.ts'
import { type Content, decodeContent, type GivenOffer, offerProblems } from './book/content.ts'
import { dashboardOf, offerView } from './book/dashboard.ts'
import { decide } from './book/decide.ts'
import { type Refusal, refuse } from './book/decision.ts'
import { type Rules, rulesWith } from './book/rules.ts'
import { type Effects, emptyState, mustFind, type OfferState } from './book/state.ts'
import type { Dashboard, EndpointName, Offer, Outcome, RefusalCode } from './protocol.ts'

export interface LedgerOptions {
  readonly clock: { nowMs(): number }
  /** Makes an id that was never given out before, such as `off-9c01f2ab77d05e43`. */
  readonly newId: (kind: string) => string
  readonly rules?: Partial<Rules>
}

/** The key of a changing request, and a digest of who asked for what. */
export type Ticket = Pick<Operation, 'key' | 'fingerprint'>

/** What came of a command; `commit` is null when there is nothing to write down. */
export interface Executed {
  readonly outcome: Outcome
  readonly memberId: string | null
  readonly commit: Commit | null
}

/**
 * Members, accounts and offers of a peer-credit ledger, in memory.
 *
 * Every method is synchronous: a command is decided and applied in one go, so two requests can
 * never interleave. What was applied comes back as a commit, and the same commits applied to an
 * empty ledger give the same ledger again.
 */
export class Ledger {
  readonly rules: Rules
  readonly #state = emptyState()
  readonly #clock: { nowMs(): number }
  readonly #newId: (kind: string) => string

  constructor({ clock, newId, rules = {} }: LedgerOptions) {
    this.rules = rulesWith(rules)
    this.#clock = clock
    this.#newId = newId
  }

  /** A ledger with a content, such as the `given.core` of a transcript; fails with its problems. */
  static from(content: unknown, options: LedgerOptions): E.Either<readonly string[], Ledger> {
    const ledger = new Ledger(options)
    return pipe(
      decodeContent(ledger.rules.denominations, content),
      E.map(decoded => {
        ledger.load(decoded)
        return ledger
      })
    )
  }

  /** Decides a command, applies what it changes and records the outcome under the ticket. */
  execute(command: Command, ticket: Ticket | null, forcedRefusal?: RefusalCode): Executed {
    const nowMs = this.#clock.nowMs()
    const scene = { state: this.#state, rules: this.rules, nowMs, newId: this.#newId }
    const decision = forcedRefusal === undefined ? decide(scene, command) : refuse(forcedRefusal)
    if (E.isLeft(decision)) {
      const memberId = 'memberId' in command ? command.memberId : null
      return this.#conclude({ error: decision.left }, { nowMs, memberId, ticket, changes: [] })
    }
    const { type, details, memberId, changes } = decision.right
    const timestamp = new Date(nowMs).toISOString()
    const action = { id: this.#newId('act'), type, timestamp, details }
    return this.#conclude({ action }, { nowMs, memberId, ticket, changes })
  }

  /** Applies a commit that was made before; throws when it does not fit. */
  apply(commit: Commit): void {
    applyCommit(this.#state, this.rules, commit)
  }

  /** Throws away everything and begins with a content that was checked before. */
  load(content: Content): Commit {
    return this.#control([{ type: 'contentLoaded', content }])
  }

  /** Somebody else cancels a pending offer. */
  withdraw(offerId: string): E.Either<Refusal, Commit> {
    const offer = this.#state.offers.get(offerId)
    if (offer === undefined) return refuse('NOT_FOUND')
    if (offer.status !== 'PENDING') return refuse('NOT_PENDING')
    return E.right(this.#control([{ type: 'offerSettled', offerId, status: 'CANCELLED' }]))
  }

  /** Somebody else makes offers, with money that no balance here shows. */
  add(offers: readonly GivenOffer[]): E.Either<readonly string[], Commit> {
    const ids = offers.map(offer => offer.offerId)
    const problems = [
      ...offers.flatMap(offer =>
        offerProblems(this.rules.denominations, this.#state.accounts, offer)
      ),
      ...ids
        .filter((id, index) => this.#state.offers.has(id) || ids.indexOf(id) < index)
        .map(id => `offerId ${id} is there already`)
    ]
    if (problems.length > 0) return E.left(problems)
    return E.right(this.#control(offers.map(offer => ({ type: 'offerAdded', offer }))))
  }

  /** Whether a changing request can still be recorded; false is a reason to answer 503. */
  hasRoomFor(endpoint: EndpointName): boolean {
    const { membersMax, operationsMax, operationsKeptMs } = this.rules.bounds
    const [oldest] = this.#state.operations.values()
    const oldestMayGo = oldest !== undefined && this.#clock.nowMs() - oldest.atMs > operationsKeptMs
    return (
      (this.#state.operations.size < operationsMax || oldestMayGo) &&
      (endpoint !== 'registerMember' || this.#state.members.size < membersMax)
    )
  }

  recorded(key: string): Operation | undefined {
    return this.#state.operations.get(key)
  }

  dashboard(memberId: string): Dashboard {
    return dashboardOf(this.#state, this.rules, memberId, this.#clock.nowMs())
  }

  phoneOf(memberId: string): string | undefined {
    return this.#state.members.get(memberId)?.phone
  }

  memberWith(phone: string): string | undefined {
    return this.#state.memberIdByPhone.get(phone)
  }

  get effects(): Readonly<Effects> {
    return { ...this.#state.effects }
  }

  /** The newest `max` offers, oldest of them first, with who made them. */
  offers(max = 1_000): (Offer & Pick<OfferState, 'createdBy'>)[] {
    return [...this.#state.offers.values()].slice(-max).map(offer => ({
      ...offerView(this.#state, this.rules, offer),
      createdBy: offer.createdBy
    }))
  }

  /** All money in the ledger by denomination: balances, reservations and fees. */
  money(): ReadonlyMap<string, bigint> {
    const total = new Map(this.#state.feesTaken)
    const add = (denom: string, units: bigint) => total.set(denom, (total.get(denom) ?? 0n) + units)
    for (const account of this.#state.accounts.values()) {
      for (const [denom, units] of account.balances) add(denom, units)
      for (const offerId of account.outgoing) {
        const { denom, amount } = mustFind(this.#state.offers, offerId)
        add(denom, amount)
      }
    }
    return total
  }

  #conclude(outcome: Outcome, { nowMs, memberId, ticket, changes }: Conclusion): Executed {
    if (ticket === null && changes.length === 0) return { outcome, memberId, commit: null }
    const operation = ticket === null ? null : { ...ticket, memberId, outcome }
    return { outcome, memberId, commit: this.#commit('member', nowMs, changes, operation) }
  }

  #control(changes: readonly Change[]): Commit {
    return this.#commit('control', this.#clock.nowMs(), changes, null)
  }

  #commit(
    by: Commit['by'],
    atMs: number,
    changes: readonly Change[],
    operation: Operation | null
  ): Commit {
    const commit: Commit = { version: 1, atMs, by, changes: [...changes], operation }
    this.apply(commit)
    return commit
  }
}

interface Conclusion {
  readonly nowMs: number
  readonly memberId: string | null
  readonly ticket: Ticket | null
  readonly changes: readonly Change[]
}
