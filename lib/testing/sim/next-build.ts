import * as t from 'io-ts'
import type { Migration } from '../../conversation/migration.ts'
import type { Program } from '../../conversation/program.ts'
import {
  accept,
  ask,
  back,
  call,
  confirm,
  defineBot,
  defineFlow,
  end,
  goto,
  reject,
  text
} from '../../flow/index.ts'
import { COMMON, menu, pay, simulatedForm } from './form-bot.ts'

const MIGRATIONS: readonly Migration[] = [
  {
    from: 1,
    to: 2,
    up: ({ core, flow }) => ({ core: { ...core, locale: 'en-GB' }, flow }),
    down: ({ core, flow }) => ({ core: { ...core, locale: 'en' }, flow })
  }
]

// Who stood at the confirm is asked what it is for first.
const payment = defineFlow(
  {
    name: 'payment',
    version: 2,
    stage: 'CREDIT',
    data: t.partial({ amount: t.string, note: t.string }),
    start: 'amount',
    upgrade: ({ step, data }) => ({ step: step === 'confirm' ? 'note' : step, data })
  },
  {
    amount: ask({
      fields: ['amount'],
      prompt: text('ask.amount'),
      read: said => (/^\d+$/.test(said) ? accept({ amount: said }) : reject(text('err.amount'))),
      next: goto('note'),
      attempts: { most: 3, next: end(text('err.tooMany')) }
    }),
    note: ask({
      fields: ['note'],
      prompt: text('ask.note'),
      read: note => accept({ note }),
      next: goto('confirm')
    }),
    confirm: confirm({
      prompt: ({ data }) => text('ask.confirm', { amount: data.amount ?? '' }),
      confirmed: goto('submit'),
      cancelled: end(text('cancelled')),
      invalid: text('err.confirm')
    }),
    submit: call({
      call: pay,
      signedBy: 'confirm',
      input: ({ data }) => ({ amount: data.amount ?? '' }),
      outcomes: { ok: end(text('paid')) },
      unreachable: back('confirm', text('err.service'))
    })
  }
)

const nextForm = defineBot({
  name: 'simulated form',
  flows: [menu, payment],
  ...COMMON,
  schema: 2,
  migrations: MIGRATIONS
}) as unknown as Program

/**
 * The build of a bot that replaces it: a schema further, of the form also with a step more.
 *
 * Null for a bot that is never replaced.
 */
export function nextBuild(bot: Program): Program | null {
  if (bot === simulatedForm) return nextForm
  if (bot.name !== 'chain') return null
  return {
    ...bot,
    schema: 2,
    migrations: MIGRATIONS,
    initial: (address, at) => ({ ...bot.initial(address, at), schema: 2 })
  }
}
