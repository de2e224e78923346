import * as TE from 'fp-ts/lib/TaskEither.js'
import * as t from 'io-ts'
import type { Migration } from '../../lib/conversation/migration.ts'
import type { Program } from '../../lib/conversation/program.ts'
import { type ConversationRecord, coreOf } from '../../lib/conversation/record.ts'
import {
  accept,
  ask,
  defineBot,
  defineFlow,
  enter,
  goto,
  reject,
  rest,
  text
} from '../../lib/flow/index.ts'
import { systemRandom } from '../../lib/kernel/random.ts'
import { Secret } from '../../lib/kernel/secret.ts'
import type { ConversationStore } from '../../lib/store/conversation-store.ts'
import { encodeRecord } from '../../lib/store/envelope.ts'
import { conversationId, epochOf, headsOf } from '../../lib/store/identity.ts'
import { type KeyRing, keyRing } from '../../lib/store/seal.ts'
import { aCommit } from '../../lib/testing/store-contract/store-check.ts'

export type Schema = 1 | 2 | 3

const MEMBERS = {
  1: t.strict({ name: t.string }),
  2: t.strict({ first: t.string, last: t.string }),
  3: t.strict({ first: t.string, last: t.string, tier: t.number })
}
const ORDERS = {
  1: { amount: t.string, note: t.string },
  2: { cents: t.number, note: t.string },
  3: { cents: t.number, currency: t.string, note: t.string }
}
const VISITS = { 1: t.string, 2: t.number, 3: t.number }

/** Names are parted, amounts counted in cents; then members have a tier and orders a currency. */
export const MIGRATIONS: readonly Migration[] = [
  {
    from: 1,
    to: 2,
    up: ({ core, flow }) => {
      const [first = '', ...last] = ofMember(core, 'name').split(' ')
      const { amount, visits, ...data } = flow.data
      return {
        core: { ...core, member: { first, last: last.join(' ') } },
        flow: {
          ...flow,
          data: {
            ...data,
            ...(amount === undefined ? {} : { cents: Number(amount) * 100 }),
            ...(visits === undefined ? {} : { visits: Number(visits) })
          }
        }
      }
    },
    down: ({ core, flow }) => {
      const { cents, visits, ...data } = flow.data
      return {
        core: {
          ...core,
          member: { name: `${ofMember(core, 'first')} ${ofMember(core, 'last')}` }
        },
        flow: {
          ...flow,
          data: {
            ...data,
            ...(cents === undefined ? {} : { amount: String(Number(cents) / 100) }),
            ...(visits === undefined ? {} : { visits: String(visits as number) })
          }
        }
      }
    }
  },
  {
    from: 2,
    to: 3,
    calls: { pay: 'charge' },
    up: ({ core, flow }) => ({
      core: { ...core, member: { ...(core['member'] as object), tier: 0 } },
      flow: flow.flow === 'order' ? { ...flow, data: { ...flow.data, currency: 'EUR' } } : flow
    }),
    down: ({ core, flow }) => {
      const data = Object.fromEntries(
        Object.entries(flow.data).filter(([field]) => field !== 'currency')
      )
      const member = { first: ofMember(core, 'first'), last: ofMember(core, 'last') }
      return { core: { ...core, member }, flow: { ...flow, data } }
    }
  }
]

/** The bot of one of its three schemas, able to take records of every earlier one. */
export function migratingBot(schema: Schema, migrations?: readonly Migration[]): Program {
  const Core = coreOf({ member: MEMBERS[schema] as t.Type<unknown, unknown>, cache: t.null })
  const order = defineFlow(
    {
      core: Core,
      name: 'order',
      stage: 'MENU',
      data: t.partial(ORDERS[schema]) as t.Type<{ note?: string }, unknown>,
      start: 'amount'
    },
    {
      amount: ask({
        fields: [],
        prompt: text('amount'),
        read: said => (said === 'no' ? reject(text('no')) : accept({})),
        next: goto('note')
      }),
      note: ask({
        fields: ['note'],
        prompt: text('note'),
        read: said => accept({ note: said }),
        next: goto('amount')
      })
    }
  )
  const home = defineFlow(
    {
      core: Core,
      name: 'home',
      data: t.partial({ visits: VISITS[schema] }) as t.Type<{ visits?: unknown }, unknown>,
      start: 'idle'
    },
    {
      idle: rest({ next: goto('shop') }),
      shop: enter({ flow: order, returned: goto('idle') })
    }
  )
  const bot = defineBot({
    name: 'migrating',
    schema,
    migrations: migrations ?? MIGRATIONS.filter(({ to }) => to <= schema),
    core: Core,
    flows: [home, order],
    start: 'home',
    texts: { en: { amount: 'Amount?', note: 'Note?', no: 'No.' } }
  })
  return { ...(bot as unknown as Program), calls: callsOf(schema) }
}

function callsOf(schema: Schema): Program['calls'] {
  const name = schema === 3 ? 'charge' : 'pay'
  const made = { tag: 'unavailable', detail: 'never' } as const
  return {
    [name]: {
      name,
      effect: true,
      input: t.strict({ cents: t.number }) as t.Type<unknown, unknown>,
      outcomes: {},
      attempts: 1,
      timeoutMs: 1_000,
      run: () => TE.left(made)
    }
  }
}

function ofMember(core: Readonly<Record<string, unknown>>, field: string): string {
  return String(Reflect.get(core['member'] as object, field))
}

/** Somebody in the middle of an order that another flow waits for, as this schema has it. */
export function ordering(schema: Schema, user: string): ConversationRecord {
  const order = { 1: { amount: '12' }, 2: { cents: 1200 }, 3: { cents: 1200, currency: 'EUR' } }
  const member = {
    1: { name: `${user} Byron` },
    2: { first: user, last: 'Byron' },
    3: { first: user, last: 'Byron', tier: 0 }
  }
  const validation = { inProgress: true, attempts: 0, lastAttempt: null, error: null }
  const frame = { flowVersion: 1, validation, caller: null }
  const visits = schema === 1 ? '7' : 7
  const shop = { ...frame, flow: 'home', step: 'shop', data: { visits }, prompt: null }
  const prompt = { instance: 'e.1.0.n', step: 'amount', options: [] }
  return {
    schema,
    core: {
      channel: { channel: 'chan', account: 'a', user },
      locale: 'en',
      member: member[schema],
      account: user,
      token: { value: Secret.of(`token-of-${user}`), refreshes: 0, setAt: 1 },
      cache: null
    },
    flow: { ...frame, flow: 'order', step: 'amount', data: order[schema], prompt, caller: shop },
    calls: [],
    timers: [],
    session: { startedAt: 1, lastMessageAt: 1, deadline: null, notice: null },
    meta: { initializedAt: 1, updatedAt: 60_001, updatedBy: { kind: 'Inbound', id: 'm' } }
  }
}

/** A store that was opened, with what records are written by. */
export interface Opened {
  readonly store: ConversationStore
  readonly ring: KeyRing
  readonly idOf: (user: string) => string
}

/** Opens a store as a runtime does that brings no key ring of its own. */
export async function opened(store: ConversationStore): Promise<Opened> {
  const secrets = { idKey: systemRandom.bytes(32), sealKey: systemRandom.bytes(32) }
  const { idKey, sealKey } = (await store.open(secrets)).secrets
  return {
    store,
    ring: keyRing({ active: 'store', keys: { store: sealKey } }),
    idOf: user => conversationId(idKey, { channel: 'chan', account: 'a', user })
  }
}

const nextHead = headsOf('seed', systemRandom)

/** Puts a record in as the first commit of its conversation. */
export async function kept(
  { store, ring, idOf }: Opened,
  record: ConversationRecord,
  change: Parameters<typeof aCommit>[1] = {}
): Promise<string> {
  const id = idOf(record.core.channel.user)
  const epoch = epochOf(systemRandom)
  const outcome = await store.commit(
    id,
    aCommit(null, {
      epoch,
      head: nextHead(),
      record: encodeRecord(record, { conversation: id, epoch, version: 1, ring }),
      history: JSON.stringify({ version: 1, at: 1, causes: [], from: 'none', to: 'x', was: {} }),
      activeMs: record.meta.updatedAt,
      dueMs: null,
      fingerprint: null,
      replies: [],
      ...change
    })
  )
  if (outcome.tag !== 'committed') throw new Error(`The seed was ${outcome.tag}.`)
  return id
}
