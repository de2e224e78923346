import * as t from 'io-ts'
import { GivenAccount, GivenMember, GivenOffer } from '../service/book/content.ts'
import { RefusalCode } from '../service/protocol.ts'
import { EntryId } from './form-entry.ts'
import { LedgerEndpoint } from './form-expectation.ts'
import { chosenShape, strictShape, textLike, wholeFrom } from './strict-shape.ts'

const Instant = textLike(
  'an ISO time such as 2026-01-05T08:00:00.000Z',
  text => /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) && !Number.isNaN(Date.parse(text))
)

/** Settings of the case; one that is left out keeps the bot's own. */
const Config = strictShape(
  'settings',
  {},
  {
    sessionTtlSeconds: wholeFrom(1),
    dedupeRetentionSeconds: wholeFrom(1),
    apiAttempts: wholeFrom(1),
    maxHandlerRestarts: wholeFrom(0),
    denominations: t.record(t.string, wholeFrom(0), 'decimals by denomination'),
    defaultDenomination: t.string,
    ledgerPageSize: wholeFrom(1)
  }
)
export type GivenConfig = t.TypeOf<typeof Config>

const LedgerContent = strictShape(
  'the content of the ledger',
  {
    members: t.readonlyArray(knowing('a member', GivenMember), 'members'),
    accounts: t.readonlyArray(knowing('an account', GivenAccount), 'accounts'),
    offers: t.readonlyArray(knowing('an offer', GivenOffer), 'offers')
  },
  { ledger: t.record(t.string, strictShape('a length', { rows: wholeFrom(0) }), 'row counts') }
)

const aimed = { during: EntryId, times: wholeFrom(1) }
const Endpoint = t.keyof({ ...LedgerEndpoint.keys, channelSend: null }, 'an endpoint')
const kinds = {
  http401: null,
  http503: null,
  timeout: null,
  timeoutAfterCommit: null,
  notFound: null,
  crashBeforeSend: null,
  crashAfterCommit: null
}
const RequestFault = strictShape('a fault', { ...aimed, endpoint: Endpoint, kind: t.keyof(kinds) })
const BusinessFault = strictShape('a refusal', {
  ...aimed,
  endpoint: LedgerEndpoint,
  kind: t.literal('business'),
  code: RefusalCode
})
const PartialFault = strictShape(
  'a partial failure',
  {
    during: EntryId,
    endpoint: t.literal('acceptAll'),
    kind: t.literal('partial'),
    failOfferIds: t.readonlyArray(t.string, 'offer ids')
  },
  { times: wholeFrom(1) }
)
const ThrowFault = strictShape('a throw', {
  ...aimed,
  component: t.string,
  kind: t.literal('throw')
})

export type EndpointFault =
  | t.TypeOf<typeof RequestFault>
  | t.TypeOf<typeof BusinessFault>
  | t.TypeOf<typeof PartialFault>
export type ThrowFault = t.TypeOf<typeof ThrowFault>

/** One thing that goes wrong while an entry is processed. */
export type Fault = EndpointFault | ThrowFault
const Fault = chosenShape<Fault>('a fault', ({ kind, component }) => {
  if (kind === 'throw' || component !== undefined) return ThrowFault
  if (kind === 'business') return BusinessFault
  if (kind === 'partial') return PartialFault
  return typeof kind === 'string' && kind in kinds ? RequestFault : 'kind is no kind of fault'
})

export const Given = strictShape('what is given', {
  now: Instant,
  channel: strictShape('a channel', { type: t.literal('whatsapp'), user: t.string }),
  config: Config,
  state: t.null,
  core: LedgerContent,
  faults: t.readonlyArray(Fault, 'faults')
})

/** A codec of the ledger's that here refuses what it does not know instead of dropping it. */
function knowing<A>(name: string, codec: t.Type<A, unknown>): t.Type<A, unknown> {
  return new t.Type<A, unknown>(
    name,
    codec.is,
    (input, context) => {
      const result = codec.validate(input, context)
      if (result._tag === 'Left') return result
      const known = Object.keys(result.right as object)
      const strange = Object.keys(input as object).filter(key => !known.includes(key))
      return strange.length === 0
        ? result
        : t.failures(
            strange.map(key => ({
              value: key,
              context: t.appendContext(context, key, t.never),
              message: 'is not known here'
            }))
          )
    },
    t.identity
  )
}
