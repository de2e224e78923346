import * as t from 'io-ts'
import { GivenOffer } from './book/content.ts'
import { EndpointName, Offer, Phone, RefusalCode, shape } from './protocol.ts'

const rangeOf = (name: string, min: number, max: number): t.Type<number> =>
  new t.Type<number>(
    name,
    (input): input is number => isWithin(input, min, max),
    (input, context) => (isWithin(input, min, max) ? t.success(input) : t.failure(input, context)),
    t.identity
  )

function isWithin(input: unknown, min: number, max: number): input is number {
  return typeof input === 'number' && Number.isInteger(input) && input >= min && input <= max
}

const Millis = rangeOf('whole milliseconds from 0 to a day', 0, 86_400_000)
const Times = t.union(
  [rangeOf('a count from 1 to 1000000', 1, 1_000_000), t.literal('always')],
  'a count from 1 to 1000000, or "always"'
)
const When = t.keyof({ before: null, after: null }, '"before" or "after" the commit')

// `phone` narrows a fault to one member; `times` is how many requests it meets, by default one.
const fault = <K extends string, R extends t.Props, O extends t.Props>(
  kind: K,
  required: R,
  optional: O
) =>
  shape(
    { kind: t.literal(kind), endpoint: EndpointName, ...required },
    { phone: Phone, times: Times, ...optional }
  )

/**
 * One thing that goes wrong, armed until it met its number of requests.
 *
 * Without `afterCommit: true` an injected status or page means that nothing was done. No injected
 * answer is recorded under a key, but `business` and `notFound`: they are the ledger saying no.
 */
export const Fault = t.union(
  [
    fault('delay', { ms: Millis }, { when: When }),
    fault('delayDistribution', {}, { medianMs: Millis, p95Ms: Millis, p99Ms: Millis, when: When }),
    fault('refuse', {}, {}),
    fault('resetBeforeCommit', {}, {}),
    fault('resetAfterCommit', {}, {}),
    fault('timeout', {}, {}),
    fault('timeoutAfterCommit', {}, {}),
    fault('http401', {}, {}),
    fault('http429', {}, { retryAfterSeconds: rangeOf('seconds from 0 to a day', 0, 86_400) }),
    fault('http500', {}, { afterCommit: t.boolean }),
    fault('http502', {}, { afterCommit: t.boolean }),
    fault('http503', {}, { afterCommit: t.boolean }),
    fault('html', {}, { afterCommit: t.boolean }),
    fault('truncatedJson', {}, {}),
    fault('missingField', { field: t.string }, { renamedTo: t.string }),
    fault('emptyDashboard', {}, {}),
    fault('noToken', {}, {}),
    fault('slowHeaders', { ms: Millis }, {}),
    fault('notFound', {}, {}),
    fault('business', { code: RefusalCode }, {}),
    fault('partial', { failOfferIds: t.array(t.string) }, { code: RefusalCode })
  ],
  'a fault of a kind that control-protocol.ts names'
)
export type Fault = t.TypeOf<typeof Fault>

/** How the service treats keys and tokens; `none` and `false` until switched. */
export const Switches = t.strict(
  {
    /** Every request is executed anew, as by a core that knows no keys. */
    ignoreIdempotency: t.boolean,
    /** Where a renewed token travels: in the body, or as an `Authorization` answer header. */
    renewTokens: t.keyof({ none: null, body: null, header: null })
  },
  'Switches'
)
export type Switches = t.TypeOf<typeof Switches>

/** What a test may ask for; what is named is done in this order. */
export const ControlRequest = shape(
  {},
  {
    clearFaults: t.literal(true),
    /** A content as in `book/content.ts`; everything before it is gone, tokens too. */
    seed: t.unknown,
    faults: t.array(Fault),
    /** Somebody else cancels these pending offers. */
    withdraw: t.union([t.string, t.array(t.string)]),
    /** Somebody else makes these offers. */
    add: t.array(GivenOffer),
    revokeTokens: t.union([t.literal('all'), t.strict({ phone: Phone })]),
    switches: t.exact(t.partial(Switches.type.props)),
    /** Moves the time of the service forward, for tokens and daily limits. */
    advanceClockMs: rangeOf('whole milliseconds from 0 to ten years', 0, 315_360_000_000)
  }
)
export type ControlRequest = t.TypeOf<typeof ControlRequest>

export const ControlAnswer = t.strict(
  { done: t.array(t.string), faultsArmed: t.number, switches: Switches },
  'ControlAnswer'
)
export type ControlAnswer = t.TypeOf<typeof ControlAnswer>

/** `status` is null while a request is open, and a word when it got no HTTP answer. */
export const LoggedRequest = t.strict(
  {
    sequence: t.number,
    endpoint: EndpointName,
    key: t.union([t.string, t.null]),
    status: t.union([t.number, t.keyof({ hang: null, reset: null, refuse: null }), t.null]),
    at: t.string
  },
  'LoggedRequest'
)
export type LoggedRequest = t.TypeOf<typeof LoggedRequest>

/** What the service saw and did; counts are complete, the two lists hold the newest 1,000. */
export const LogAnswer = t.strict(
  {
    requests: t.array(LoggedRequest),
    calls: t.record(t.string, t.number),
    effects: t.record(t.string, t.number),
    offers: t.array(
      t.intersection([
        Offer,
        t.strict({ createdBy: t.keyof({ content: null, member: null, control: null }) })
      ])
    )
  },
  'LogAnswer'
)
export type LogAnswer = t.TypeOf<typeof LogAnswer>
