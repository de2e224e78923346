import * as t from 'io-ts'
import { EntryId } from './form-entry.ts'
import { orNull, strictShape, textLike, wholeFrom } from './strict-shape.ts'

const Pattern = textLike('a regular expression', text => {
  try {
    return new RegExp(text, 'is').flags.length > 0
  } catch (error) {
    return error === undefined
  }
})
const patterns = t.readonlyArray(Pattern, 'a list of regular expressions')
const texts = t.readonlyArray(t.string, 'a list of texts')
const Count = wholeFrom(0)
const Effect = t.keyof(
  {
    membersCreated: null,
    offersCreated: null,
    offersAccepted: null,
    offersDeclined: null,
    offersCancelled: null,
    upgrades: null
  },
  'an effect'
)
const Effects = counts('counts by effect', Object.keys(Effect.keys))

/** Every place that a request can go to. */
export const LedgerEndpoint = t.keyof(
  {
    login: null,
    registerMember: null,
    resolveHandle: null,
    createOffer: null,
    acceptOffer: null,
    declineOffer: null,
    cancelOffer: null,
    acceptAll: null,
    readLedger: null,
    upgradeTier: null
  },
  'an endpoint of the ledger'
)
const Calls = counts('counts by endpoint', Object.keys(LedgerEndpoint.keys))

/** What must be seen once an entry has settled. */
export const Expectation = strictShape(
  'an expectation',
  {
    stage: orNull(t.string),
    step: orNull(t.string),
    dataSubset: t.UnknownRecord,
    replyKinds: texts,
    replyMatches: patterns
  },
  {
    settled: t.literal(false),
    dataAbsent: texts,
    replyMustNotMatch: patterns,
    maxReplies: Count,
    identity: strictShape(
      'an identity',
      {},
      { memberId: orNull(t.string), tier: orNull(t.number), activeAccountId: orNull(t.string) }
    ),
    validation: strictShape('a validation', { attempts: Count }),
    effects: Effects,
    calls: Calls,
    supervision: strictShape('a supervision', { restarts: Count, reset: t.boolean }),
    via: t.keyof({ auth: null, recovery: null }, '"auth" or "recovery"')
  }
)
export type Expectation = t.TypeOf<typeof Expectation>

/** What must be seen at the end of a case. */
export const Final = strictShape(
  'the end',
  {},
  {
    effects: Effects,
    offers: t.readonlyArray(t.UnknownRecord, 'a list of offers'),
    sameIdempotencyKey: t.readonlyArray(EntryId, 'a list of entries'),
    logsMustNotContain: texts
  }
)
export type Final = t.TypeOf<typeof Final>

function counts(name: string, keys: readonly string[]) {
  const props = Object.fromEntries(keys.map(key => [key, Count]))
  return strictShape(name, {}, props) as t.Type<Readonly<Record<string, number>>, unknown>
}
