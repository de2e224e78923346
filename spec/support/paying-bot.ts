import * as TE from 'fp-ts/lib/TaskEither.js'
import type { CallAnswer, CallDefinition, Program } from '../../lib/conversation/program.ts'
import { Secret } from '../../lib/kernel/secret.ts'
import { smallBot } from '../flow/small-bot.ts'
import type { Talker } from './damaged-conversation.ts'

/** Answers payments when it is told to; counts them by key. */
export interface Till {
  readonly keys: string[]
  /** Payments that wait. */
  readonly waiting: number
  /** Answers every payment asked for, and by itself every later one. */
  open(): void
}

/** The small bot with a service behind it; payments wait for the till. */
export function payingBot(change: Partial<Program> = {}): { bot: Program; till: Till } {
  const waiting: (() => void)[] = []
  let isOpen = false
  const till = {
    keys: [] as string[],
    get waiting() {
      return waiting.length
    },
    open: () => {
      isOpen = true
      for (const go of waiting.splice(0)) go()
    }
  }
  const found = {
    token: Secret.of('token-of-ada'),
    member: { memberId: 'ada', tier: 1 },
    cache: { balance: '50' }
  }
  const calls = {
    ...smallBot.calls,
    login: answering('login', { outcome: 'found', output: found }),
    resolve: answering('resolve', { outcome: 'found', output: { accountId: 'acc-bob' } }),
    pay: {
      ...smallBot.calls['pay']!,
      run:
        (_input: unknown, { key }: { readonly key: string }) =>
        async () => {
          till.keys.push(key)
          if (!isOpen) {
            await new Promise<void>(resolve => {
              waiting.push(resolve)
            })
          }
          const answer = { outcome: 'done', output: { balance: '38' } }
          return (await TE.right(answer)()) as never
        }
    }
  }
  return { bot: { ...(smallBot as unknown as Program), calls, ...change }, till }
}

function answering(name: string, answer: CallAnswer): CallDefinition {
  return { ...smallBot.calls[name]!, run: () => TE.right(answer) }
}

/** Where a conversation may stand when it is damaged. */
export const PLACES = ['menu', 'amount', 'handle', 'confirm', 'paying', 'paid'] as const
export type Place = (typeof PLACES)[number]

/** Leads a conversation of the paying bot to a place; `paid` opens the till. */
export async function ledTo(
  place: Place,
  talker: Talker,
  till: Till,
  user = 'u'
): Promise<{ readonly instance: string }> {
  const steps: readonly (() => Promise<unknown>)[] = [
    () => talker.say(`${user}-1`, 'hi', user),
    async () => talker.say(`${user}-2`, await tap(talker, 'pay', user), user),
    () => talker.say(`${user}-3`, '12', user),
    () => talker.say(`${user}-4`, 'bob', user),
    async () => talker.say(`${user}-5`, await tap(talker, 'confirm', user), user)
  ]
  if (place === 'paid') till.open()
  const count = Math.min(PLACES.indexOf(place) + 1, steps.length)
  for (const step of steps.slice(0, count)) {
    await step()
    await talker.settle(till.waiting + (place === 'paying' && step === steps.at(-1) ? 1 : 0))
  }
  return { instance: (await talker.chat(user).inspect())?.prompt?.instance ?? '' }
}

/** A tap on an option of the prompt that is open now. */
export async function tap(talker: Pick<Talker, 'chat'>, option: string, user = 'u') {
  const shown = await talker.chat(user).inspect()
  return { kind: 'choice' as const, instance: shown?.prompt?.instance ?? '', option }
}
