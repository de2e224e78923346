import * as t from 'io-ts'
import { Outcome } from '../protocol.ts'
import { Content, GivenAccount, GivenMember, GivenOffer } from './content.ts'

/** One thing that became different; amounts are decimal texts, so that it can be written down. */
export const Change = t.union(
  [
    t.strict({ type: t.literal('contentLoaded'), content: Content }),
    t.strict({
      type: t.literal('memberRegistered'),
      member: GivenMember,
      account: GivenAccount
    }),
    t.strict({
      type: t.literal('offerCreated'),
      offer: GivenOffer,
      limit: t.union([t.strict({ memberId: t.string, day: t.number }), t.null])
    }),
    t.strict({ type: t.literal('offerAdded'), offer: GivenOffer }),
    t.strict({
      type: t.literal('offerSettled'),
      offerId: t.string,
      status: t.keyof({ ACCEPTED: null, DECLINED: null, CANCELLED: null })
    }),
    t.strict({
      type: t.literal('memberUpgraded'),
      memberId: t.string,
      accountId: t.string,
      tier: t.number,
      fee: t.strict({ denom: t.string, amount: t.string })
    })
  ],
  'Change'
)
export type Change = t.TypeOf<typeof Change>

/**
 * The final outcome of a changing request under its idempotency key.
 *
 * `fingerprint` is a digest of who asked for what: the same key with another one is a conflict.
 * `memberId` is null when nobody came into being: a refused registration.
 */
export const Operation = t.strict(
  {
    key: t.string,
    fingerprint: t.string,
    memberId: t.union([t.string, t.null]),
    outcome: Outcome
  },
  'Operation'
)
export type Operation = t.TypeOf<typeof Operation>

/**
 * What one request changed, all of it or nothing: a row of the journal.
 *
 * A refusal under an idempotency key is a commit too, with no changes.
 */
export const Commit = t.strict(
  {
    version: t.literal(1),
    atMs: t.number,
    by: t.keyof({ member: null, control: null }),
    changes: t.array(Change),
    operation: t.union([Operation, t.null])
  },
  'Commit'
)
export type Commit = t.TypeOf<typeof Commit>
