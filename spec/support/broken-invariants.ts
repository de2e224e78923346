import type { Program } from '../../lib/conversation/program.ts'
import { defineBot, type Invariant } from '../../lib/flow/index.ts'
import { smallBot } from '../flow/small-bot.ts'
import type { Mutation, Stored } from './mutations.ts'
import { recordText, wholeRecord } from './rewritten-record.ts'

interface Value {
  readonly core: Record<string, unknown> & { readonly member: Record<string, unknown> | null }
  readonly flow: { readonly flow: string; readonly step: string; data: Record<string, unknown> }
}

interface Breakable {
  readonly name: string
  readonly holds: Invariant['holds']
  /** Breaks it in this record; false where it says nothing about it. */
  readonly break: (value: Value) => boolean
  readonly coreHit: boolean
}

const BREAKABLE: readonly Breakable[] = [
  {
    name: 'amounts are digits',
    holds: (_, { data: { amount } }) =>
      amount === undefined || (typeof amount === 'string' && /^\d+$/.test(amount)),
    break: ({ flow }) => {
      if (flow.data['amount'] === undefined) return false
      flow.data['amount'] = 'much'
      return true
    },
    coreHit: false
  },
  {
    name: 'who is to be paid is known',
    holds: (_, { step, data }) => step !== 'confirm' || data['to'] !== undefined,
    break: ({ flow }) => flow.step === 'confirm' && Reflect.deleteProperty(flow.data, 'to'),
    coreHit: false
  },
  {
    name: 'members have an id',
    holds: ({ member }) => member === null || Reflect.get(member as object, 'memberId') !== '',
    break: ({ core }) => {
      if (core.member === null) return false
      core.member['memberId'] = ''
      return true
    },
    coreHit: true
  },
  {
    name: 'whoever pays is a member',
    holds: ({ member }, { flow }) => {
      if (flow === 'payment' && member === null) throw new TypeError('planned')
      return true
    },
    break: ({ core, flow }) => flow.flow === 'payment' && Reflect.set(core, 'member', null),
    coreHit: true
  }
]

/** The part of a program that keeps the invariants. */
export function keepingInvariants(): Partial<Program> {
  const invariants = BREAKABLE.map(({ name, holds }) => ({ name, holds }))
  const strict = defineBot({ ...smallBot.spec, invariants: invariants as never })
  return { invalid: state => (strict as unknown as Program).invalid(state) }
}

/** The record with each invariant broken once that says something of it, whole by its checksum. */
export function withEachBroken(conversation: string, { text }: Stored): readonly Mutation[] {
  const parts = recordText(text)
  return BREAKABLE.flatMap(invariant => {
    const value = JSON.parse(parts.payload) as Value
    if (!invariant.break(value)) return []
    const broken = wholeRecord(conversation, { ...parts, payload: JSON.stringify(value) })
    const { name: how, coreHit } = invariant
    return { kind: 'invariant' as const, text: broken, whole: true, coreHit, how }
  })
}
